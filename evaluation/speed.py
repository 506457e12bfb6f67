"""What identity costs: in full, for a night that brings 1 % new records, and with Splink.

All three are run in one sitting on the same people, each in a process of its own, so the ratios
mean something on any machine. The night's partition is compared with the full one: a fast answer
that differs would be no answer.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from evaluation.compiled_models import Cost, measure
from evaluation.identity_models import compile_models, run_models
from evaluation.people import show_oldest, write_people
from identity import ledger
from ingestion.engine import connect

NEW_SHARE = 0.01


def main(work: Path, sizes: Iterable[int]) -> int:
    """Print a row a way and size; 1 when a night gives another partition than a full run.

    Args:
        work: folder for the warehouses `speed-<records>`, made anew.
        sizes: numbers of records.
    """
    status = 0
    print(f"{'records':>9}  {'what':<22}{'CPU s':>8}{'wall s':>8}{'peak MiB':>10}{'ratio':>8}")
    for records in sizes:
        folder = work / f"speed-{records}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        path = folder / "warehouse.duckdb"
        measure(write_people, path, records)
        full = _run_full(path, records)
        in_full = _partition(path)
        night = _run_night(path, records)
        edges, splink = measure(_run_splink, path)
        _print(records, "in full", full, full)
        _print(records, f"a night, {NEW_SHARE:.0%} new", night, full)
        _print(records, f"Splink, {edges:,} links", splink, full)
        differing = len(in_full ^ _partition(path)) // 2
        if differing:
            print(f"{differing} records are in another cluster after the night")
            status = 1
    return status


def _run_full(path: Path, records: int) -> Cost:
    _forget(path, records)
    _, cost = measure(run_models, path, compile_models(path, full=True))
    return cost


def _run_night(path: Path, records: int) -> Cost:
    """The oldest records in full, unmeasured, then the newest 1 %."""
    _run_full(path, round(records * (1 - NEW_SHARE)))
    with connect(path) as connection:
        show_oldest(connection, records)
    _, cost = measure(run_models, path, compile_models(path, full=False))
    return cost


def _run_splink(path: Path) -> int:
    """Splink from the plain values to its links; their number."""
    from identity.splink_edges import write_edges

    with connect(path) as connection:
        return write_edges(connection)


def _forget(path: Path, records: int) -> None:
    """An empty ledger, and so many records to be seen."""
    with connect(path) as connection:
        connection.execute("drop schema if exists identity cascade")
        ledger.prepare(connection)
        show_oldest(connection, records)


def _partition(path: Path) -> set[tuple[int, int]]:
    """Records with their cluster."""
    with connect(path, read_only=True) as connection:
        return set(
            connection.execute(
                "select record_id, component from intermediate.int_identity_partition"
            ).fetchall()
        )


def _print(records: int, what: str, cost: Cost, full: Cost) -> None:
    print(
        f"{records:>9,}  {what:<22}{cost.cpu_seconds:>8.1f}{cost.wall_seconds:>8.1f}"
        f"{cost.peak_mib:>10.0f}{cost.cpu_seconds / full.cpu_seconds:>8.2f}",
        flush=True,
    )
