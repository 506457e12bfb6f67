"""`tokui reload`: let the next run forget a file's rows and read it again."""

from __future__ import annotations

import argparse


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "reload", help="read a loaded file again, after its settings were mended"
    )
    command.add_argument("file", metavar="FILE", help="as `tokui feeds list` names it")
    command.add_argument("--table", help="as in raw_pos.receipts, if several have such a file")
    command.add_argument("--withdraw", action="store_true", help="take the request back")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from orchestration.child import GREEN
    from orchestration.feeds import reload_file, withdraw_reload
    from orchestration.home import load

    home, settings = load()
    if options.withdraw:
        withdraw_reload(home, options.file, options.table)
        print(f"{options.file} will not be read again.")
        return GREEN
    others = reload_file(home, settings, options.file, options.table)
    print(f"{options.file} will be forgotten and read again by the next run: tokui refresh")
    if others:
        print(f"With it, because rows were compared with its rows: {', '.join(others)}")
    return GREEN
