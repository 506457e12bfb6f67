"""`tokui feeds`: what the feeds offer, and files tried without loading them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingestion.dry_run import FileCheck
    from ingestion.settings import Settings
    from orchestration.home import Home

_LINES_SHOWN = 5


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("feeds", help="files that the feeds offer; try a file")
    actions = command.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="files that are loaded, new, held or unfinished")
    checked = actions.add_parser("check", help="read files as a run would, and load nothing")
    checked.add_argument("files", metavar="FILE", nargs="+", type=Path)
    checked.add_argument("--table", help="as in raw_pos.receipts, if the name does not say it")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from orchestration.home import load

    home, settings = load()
    return {"list": _list, "check": _check}[options.action](home, settings, options)


def _list(home: Home, settings: Settings, options: argparse.Namespace) -> int:
    from orchestration.child import GREEN
    from orchestration.feeds import list_feeds

    for file in list_feeds(home, settings):
        print(f"{file.state:12}  {file.table or file.feed}  {file.name}")
    return GREEN


def _check(home: Home, settings: Settings, options: argparse.Namespace) -> int:
    from ingestion.dry_run import check_file
    from orchestration.child import GREEN, STOPPED
    from orchestration.run import clock

    status = GREEN
    for path in options.files:
        check = check_file(path, options.table, settings, home.current, clock(settings))
        print("\n".join(_said(check)))
        if check.problem or check.aside:
            status = STOPPED
    return status


def _said(check: FileCheck) -> list[str]:
    """What a run would make of a file, without a value of it."""
    lines = [f"{check.name}: {check.table.qualified_name}"]
    if check.known_as:
        lines.append(f"  its content is loaded already, as {check.known_as}: a run would skip it")
    if check.problem:
        return [*lines, f"  refused: {check.problem}"]
    lines.append(f"  {check.rows} row(s): {check.rows - len(check.aside)} good")
    reasons: dict[str, list[int]] = {}
    for row in check.aside:
        reasons.setdefault(row.reason, []).append(row.line)
    for reason, numbers in reasons.items():
        shown = ", ".join(str(number) for number in numbers[:_LINES_SHOWN])
        more = " and more" if len(numbers) > _LINES_SHOWN else ""
        lines.append(f"  {len(numbers)} quarantined, line(s) {shown}{more}: {reason}")
    if check.unknown_columns:
        lines.append(f"  not in the contract, kept in _extra: {', '.join(check.unknown_columns)}")
    if check.absent_columns:
        lines.append(f"  not in the file, empty: {', '.join(check.absent_columns)}")
    return lines
