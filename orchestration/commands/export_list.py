"""`tokui export-list`: a list with addresses for a tool that sends, and the record of these."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from orchestration.commands.export import add_format_arguments, format_of

if TYPE_CHECKING:
    from orchestration.list_exports import PastExport
    from serving.exports.list_request import ListResult


def add_to(commands: argparse._SubParsersAction) -> None:
    from ingestion.export_settings import CHANNELS

    command = commands.add_parser(
        "export-list", help="a promotion list or segment with addresses, for a tool that sends"
    )
    command.add_argument("list", metavar="LIST", nargs="?", help="a list, or a segment")
    command.add_argument("--role", default="", help="yours, of [exports.roles] in the settings")
    command.add_argument("--purpose", default="", help="what consent is asked for")
    command.add_argument("--channel", choices=CHANNELS, default="", help="needed for a segment")
    command.add_argument(
        "--campaign", default="", metavar="ID", help="leave out whom this one holds out"
    )
    command.add_argument("--out", default="", metavar="FILE", help="a file or folder")
    command.add_argument("--history", action="store_true", help="what was handed out so far")
    add_format_arguments(command, "utf-8-no-bom")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from ingestion.errors import ConfigurationError

    if bool(options.list) == options.history:
        raise ConfigurationError(
            "export-list: name a list, as in `tokui export-list dormant_winback --role crm`, or "
            "--history."
        )
    return _history() if options.history else _export(options)


def _export(options: argparse.Namespace) -> int:
    from ingestion.errors import ConfigurationError
    from orchestration.child import GREEN, STOPPED
    from orchestration.exports import file_name, target_of
    from orchestration.home import load
    from orchestration.list_exports import Asked, export_list
    from orchestration.publication import published_date
    from serving.exports.csv_text import UnwritableError

    if options.out == "-":
        raise ConfigurationError("export-list: addresses go to a file, never to the terminal.")
    home, settings = load()
    name = options.list.rpartition(":")[2]
    target = target_of(options.out, file_name(name, f"{published_date(home)}"))
    asked = Asked(options.list, options.role, options.purpose, options.channel, options.campaign)
    try:
        _, request, result = export_list(home, settings, asked, target, format_of(options))
    except UnwritableError as error:
        print(f"tokui: export-list: nothing was written: {error}", file=sys.stderr)
        return STOPPED
    print(f"{request.list_id} by {request.channel} for {request.purpose}:")
    print("\n".join(_said(result)))
    print(f"  {target}, which you alone may read; sha256 {result.sha256}")
    return GREEN


def _said(result: ListResult) -> list[str]:
    """The outcome in lines that add up."""
    from serving.exports.list_request import REASONS

    lines = [f"  {result.candidates:8} candidate(s)"]
    for reason, rows in sorted(result.refused.items(), key=lambda item: (-item[1], item[0])):
        lines.append(f"  {rows:8} left out, {reason}: {REASONS.get(reason, 'by the list')}")
    lines.append(f"  {result.rows:8} written")
    if result.replaced:
        lines.append(f"  {result.replaced} character(s) replaced by 〓")
    return lines


def _history() -> int:
    from orchestration.child import GREEN
    from orchestration.home import load
    from orchestration.list_exports import past_exports

    home, _ = load()
    past = past_exports(home)
    for export in past:
        print(_line(export))
    if not past:
        print("no list was handed out yet")
    return GREEN


def _line(export: PastExport) -> str:
    refused = ", ".join(f"{reason} {rows}" for reason, rows in export.refused.items())
    return (
        f"{export.exported_at:%Y-%m-%d %H:%M:%S} UTC  {export.exported_by} as {export.role}  "
        f"{export.list_kind} {export.list_id}  {export.channel}, {export.purpose}  "
        f"{export.rows} of {export.candidates}"
        + (f" (left out: {refused})" if refused else "")
        + f"  of {export.version}  sha256 {export.sha256[:16]}"
    )
