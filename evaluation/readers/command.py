"""`python -m evaluation readers`: twenty readers across thirty publications.

Half of them open `crm.duckdb`, half ask Postgres, in one statement or in one transaction. Each
read takes two tables and the version, which must be of one publication. Prints what was seen;
0 without an error or a mixed read, else 1.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from evaluation.postgres_server import running_server
from evaluation.readers.loops import Reader, Seen, loop, of_file, of_postgres
from evaluation.readers.publishing import NUMBERED, publish_numbered, word
from ingestion.postgres_settings import Postgres
from ingestion.settings import Settings, load_settings
from orchestration.home import Home
from orchestration.publication import Mart

_ROW = "{:<28}{:>8}{:>9}{:>10}{:>8}{:>7}{:>12}"
_BI = "create role bi login in role tokui_readers"
_MARTS = (
    *NUMBERED,
    "customer_360",
    "dim_customer",
    "dim_product",
    "fct_sales_receipt",
    "kpi_daily",
    "support_ticket",
)
"""Enough tables for a swap of many locks, few enough for thirty publications within minutes."""
_WAIT_SECONDS = 120
"""So long a reader may take to answer in the end: one that hangs is an error too."""


def main(work: Path, readers: int, publications: int, people: int) -> int:
    """Make a small demo, then read while it is published again and again.

    Raises:
        evaluation.postgres_server.NoServerError: there is no Postgres on this machine.
        evaluation.crash.homes.TrialError: the demo's first run was not green.
    """
    from evaluation.crash import homes
    from orchestration.refresh import warm

    warm()
    site = homes.make_base(work / "readers", people, seed=1)
    os.environ["TOKUI_HOME"] = str(site.home)
    return measure(Home(site.home), load_settings(site.config), marts(), readers, publications)


def measure(
    home: Home, settings: Settings, published: Sequence[Mart], readers: int, publications: int
) -> int:
    """Read a published home while it is published again; prints the table and judges it."""
    import psycopg

    copying = replace(settings.publication, postgres=Postgres(enabled=True))
    settings = replace(settings, publication=copying)
    with running_server() as server:
        os.environ["TOKUI_POSTGRES_URL"] = server.address()
        kinds = {
            "crm.duckdb": of_file(home.served),
            "Postgres, one statement": of_postgres(server.address(user="bi"), at_once=True),
            "Postgres, one transaction": of_postgres(server.address(user="bi"), at_once=False),
        }
        # Before anything is opened here: a fork must not inherit the engine's threads.
        started = [(kind, *_start(kinds[kind], seed)) for seed, kind in enumerate(_turns(readers))]
        versions = {publish_numbered(home, settings, published, 0): word(0)}
        with psycopg.connect(server.address(), autocommit=True) as connection:
            connection.execute(_BI)
        began = time.monotonic()
        for _, orders, _ in started:
            orders.send("go")
        for number in range(1, publications + 1):
            versions[publish_numbered(home, settings, published, number)] = word(number)
            said = f"publication {number} of {publications}, {time.monotonic() - began:.0f} s"
            print(said, file=sys.stderr)
        seconds = time.monotonic() - began
        seen = _stop(started)
    return judge(seen, versions, seconds)


def marts() -> list[Mart]:
    """The marts that are published here, with their keys as dbt's manifest has them."""
    from orchestration.project import read_manifest
    from serving.postgres.models import models_of

    models = models_of(read_manifest())
    return [Mart(name, list(models[name].key)) for name in _MARTS]


def judge(seen: dict[str, list[Seen]], versions: dict[str, str], seconds: float) -> int:
    """Print what readers saw of these publications, by version and number; 1 if it was wrong."""
    print(f"{len(versions) - 1} publications in {seconds:.0f} s, each read while it came")
    print(_ROW.format("reader", "readers", "reads", "versions", "errors", "mixed", "longest ms"))
    is_good, said = True, []
    for kind, ones in seen.items():
        total = Seen()
        for one in ones:
            total.add(one)
        # A version with the number of another is as mixed as two numbers are.
        mixed = total.mixed + sum(
            count
            for (version, number), count in total.pairs.items()
            if versions.get(version) != number
        )
        saw = len({version for version, _ in total.pairs})
        is_good &= not total.errors and not mixed and saw > 1 and all(one.reads for one in ones)
        said += total.errors[:3]
        longest = f"{total.longest * 1000:,.0f}"
        print(_ROW.format(kind, len(ones), total.reads, saw, len(total.errors), mixed, longest))
    print("every read was of one version" if is_good else "\n".join(["something was wrong", *said]))
    return int(not is_good)


def _turns(readers: int) -> Iterator[str]:
    """The kind of each reader: every other one opens the file."""
    for number in range(readers):
        if number % 2 == 0:
            yield "crm.duckdb"
        else:
            yield f"Postgres, one {'statement' if number % 4 == 1 else 'transaction'}"


def _start(reader: Reader, seed: int) -> tuple[Connection, multiprocessing.process.BaseProcess]:
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe()
    process = context.Process(target=loop, args=(reader, theirs, seed), daemon=True)
    process.start()
    theirs.close()
    return mine, process


def _stop(
    started: list[tuple[str, Connection, multiprocessing.process.BaseProcess]],
) -> dict[str, list[Seen]]:
    seen: dict[str, list[Seen]] = {}
    for _, orders, _ in started:
        with suppress(BrokenPipeError):  # It ended; its silence tells.
            orders.send("stop")
    for kind, orders, process in started:
        seen.setdefault(kind, []).append(_answer(orders))
        process.join()
    return seen


def _answer(orders: Connection) -> Seen:
    try:
        if orders.poll(_WAIT_SECONDS):
            return orders.recv()
    except EOFError:
        pass
    return Seen(errors=["a reader ended, or hung, without a word"])
