"""`tokui query`: SQL on what is published."""

from __future__ import annotations

import argparse
import sys

_ROWS = 40


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("query", help="SQL on what is published, read-only")
    command.add_argument("sql", metavar="SQL", help="a statement; - reads it from standard input")
    command.add_argument(
        "--rows", type=int, default=_ROWS, metavar="N", help=f"rows shown, {_ROWS} by default"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from ingestion.errors import ConfigurationError
    from orchestration.child import GREEN
    from orchestration.home import load
    from serving.query import show

    home, _ = load()
    if not home.served.exists():
        raise ConfigurationError("nothing is published yet; run `tokui refresh`")
    sql = sys.stdin.read() if options.sql == "-" else options.sql
    show(home.served, sql, options.rows)
    return GREEN
