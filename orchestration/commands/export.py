"""`tokui export`: published tables as CSV, for Excel and for programs."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serving.exports.csv_format import CsvFormat
    from serving.exports.csv_text import Written
    from serving.exports.tables import PublishedVersion

_STDOUT = "-"


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("export", help="published tables as CSV, for Excel")
    command.add_argument("tables", metavar="TABLE", nargs="*", help="such as customer_360")
    command.add_argument("--all", action="store_true", help="every published table")
    command.add_argument(
        "--out", default="", metavar="FILE", help="a file, a folder, or - (default: this folder)"
    )
    command.add_argument("--version", default="", help="a kept version instead of the newest")
    command.add_argument("--columns", default="", metavar="A,B", help="these columns alone")
    add_format_arguments(command, "utf-8")
    command.set_defaults(run=run)


def add_format_arguments(command: argparse.ArgumentParser, encoding: str) -> None:
    """How the file is written, of every command that writes CSV."""
    from serving.exports.csv_format import ENCODINGS

    command.add_argument(
        "--encoding", choices=ENCODINGS, default=encoding, help=f"default: {encoding}"
    )
    command.add_argument(
        "--replace", action="store_true", help="write 〓 for what CP932 has no character for"
    )
    command.add_argument(
        "--keep-formulas",
        action="store_true",
        help="leave texts that begin like a formula as they are",
    )


def format_of(options: argparse.Namespace) -> CsvFormat:
    """The format that `add_format_arguments` asked for."""
    from serving.exports.csv_format import CsvFormat

    return CsvFormat(options.encoding, options.keep_formulas, options.replace)


def run(options: argparse.Namespace) -> int:
    from ingestion.errors import ConfigurationError
    from orchestration.child import GREEN, STOPPED
    from orchestration.exports import find_version
    from orchestration.home import load
    from serving.exports.csv_text import UnwritableError

    home, _ = load()
    version = find_version(home, options.version)
    named = dict.fromkeys(version.table(name) for name in options.tables)
    tables = list(named) or sorted(version.rows)
    if bool(options.tables) == options.all:
        raise ConfigurationError("export: name tables, as in `tokui export kpi_daily`, or --all.")
    if len(tables) > 1 and (options.columns or options.out == _STDOUT):
        raise ConfigurationError(
            "export: --columns and --out - (standard output) are for one table."
        )
    try:
        if options.out == _STDOUT:
            _to_stdout(version, tables[0], options)
        else:
            _to_files(version, tables, options)
    except UnwritableError as error:
        print(f"tokui: export: nothing was written: {error}", file=sys.stderr)
        return STOPPED
    return GREEN


def _to_files(version: PublishedVersion, tables: list[str], options: argparse.Namespace) -> None:
    """Write the tables; none gets its name before all are written."""
    from orchestration.exports import file_name, make_folder, target_of
    from serving.exports.files import new_file

    if len(tables) > 1 and options.out:
        make_folder(Path(options.out))
    done: list[tuple[Path, str, Written]] = []
    with ExitStack() as files:
        for table in tables:
            target = target_of(options.out, file_name(table, version.as_of))
            out = files.enter_context(new_file(target))
            done.append((target, table, _write(version, table, out, options)))
    for target, table, written in done:
        print(f"{target}: {written.rows} row(s)")
        _warn(table, written)


def _to_stdout(version: PublishedVersion, table: str, options: argparse.Namespace) -> None:
    from orchestration.commands.pipes import while_somebody_reads

    with while_somebody_reads():
        _warn(table, _write(version, table, sys.stdout.buffer, options))


def _write(
    version: PublishedVersion, table: str, out: object, options: argparse.Namespace
) -> Written:
    from serving.exports.tables import export_table

    columns = [name.strip() for name in options.columns.split(",") if name.strip()]
    return export_table(version, table, out, format_of(options), columns)  # type: ignore[arg-type]


def _warn(table: str, written: Written) -> None:
    from serving.exports.tables import EXCEL_ROWS

    if written.rows >= EXCEL_ROWS:
        print(
            f"tokui: {table} has more rows than a sheet of Excel ({EXCEL_ROWS}): Excel drops the "
            "rest. Load it by Power Query into the data model, or open the Parquet.",
            file=sys.stderr,
        )
    if written.replaced:
        print(f"tokui: {table}: {written.replaced} character(s) replaced by 〓", file=sys.stderr)
