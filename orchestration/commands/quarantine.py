"""`tokui quarantine`: rows that were set aside, and what becomes of them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestration.home import Home
    from orchestration.quarantine import AsideRow


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("quarantine", help="rows that were set aside, and decisions")
    actions = command.add_subparsers(dest="action", required=True)
    listed = actions.add_parser("list", help="rows with reason, file and line, without values")
    listed.add_argument("--table", help="as in raw_pos.receipts")
    listed.add_argument("--file", help="a file of the feed")
    listed.add_argument("--all", action="store_true", help="not only open rows")
    listed.add_argument("--csv", type=Path, metavar="FILE", help="write the list to a file")
    shown = actions.add_parser("show", help="the values of a row: personal, for you alone")
    shown.add_argument("id", metavar="ID")
    released = actions.add_parser("release", help="let the next run read rows again")
    released.add_argument("ids", metavar="ID", nargs="*")
    released.add_argument("--set", metavar="COLUMN=VALUE", action="append", default=[], type=_pair)
    released.add_argument("--all", action="store_true", help="every open row of --table")
    released.add_argument("--table", help="as in raw_pos.receipts")
    discarded = actions.add_parser("discard", help="say that rows are nothing that counts")
    discarded.add_argument("ids", metavar="ID", nargs="+")
    discarded.add_argument("--reason", metavar="TEXT", required=True)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from orchestration.child import GREEN
    from orchestration.home import load

    home, _ = load()
    {"list": _list, "show": _show, "release": _release, "discard": _discard}[options.action](
        home, options
    )
    return GREEN


def _list(home: Home, options: argparse.Namespace) -> None:
    from ingestion.quarantine import State
    from orchestration.quarantine import list_rows, write_csv

    rows = [
        row
        for row in list_rows(home)
        if (options.all or row.state == State.OPEN.value)
        and options.table in (None, row.table)
        and options.file in (None, row.file)
    ]
    if options.csv:
        write_csv(rows, options.csv)
        print(f"{len(rows)} row(s) written to {options.csv}")
        return
    for row in rows:
        waiting = f" ({row.next_run} at the next run)" if row.next_run else ""
        print(
            f"{row.id}  {row.state:9}  {row.table}  {row.file} line {row.line}: {row.reason}  "
            f"run {row.run_id[:8]}{waiting}"
        )
    print(
        f"{len(rows)} row(s)." + (" `tokui quarantine show ID` shows the values." if rows else "")
    )


def _show(home: Home, options: argparse.Namespace) -> None:
    from orchestration.quarantine import find_rows, payloads_of, values_of

    (row,) = find_rows(home, [options.id])
    print(f"{row.id}  {row.state}\n{row.table}  {row.file} line {row.line}: {row.reason}")
    for name, value in values_of(payloads_of(home, [row])[row.id]):
        print(f"  {name} = {value}")


def _release(home: Home, options: argparse.Namespace) -> None:
    from ingestion.errors import ConfigurationError
    from orchestration.quarantine import find_rows, release

    if bool(options.ids) == options.all or (options.all and not options.table):
        raise ConfigurationError("quarantine release: name rows by ID, or --all with --table.")
    rows = _open_rows(home, options.table) if options.all else find_rows(home, options.ids)
    release(home, rows, dict(options.set))
    print(f"{len(rows)} row(s) will be read again by the next run: tokui refresh")


def _open_rows(home: Home, table: str) -> list[AsideRow]:
    """Open rows of a table, those left out that were never split into columns."""
    from ingestion.quarantine import State
    from ingestion.retyping import is_whole
    from orchestration.quarantine import list_rows, payloads_of

    rows = [row for row in list_rows(home) if row.table == table and row.state == State.OPEN.value]
    payloads = payloads_of(home, rows) if rows else {}
    return [row for row in rows if is_whole(payloads[row.id])]


def _discard(home: Home, options: argparse.Namespace) -> None:
    from orchestration.quarantine import discard, find_rows

    rows = find_rows(home, options.ids)
    discard(home, rows, options.reason)
    print(f"{len(rows)} row(s) will count as discarded from the next run on: tokui refresh")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text} is not COLUMN=VALUE, as in amount=1200")
    return name, value
