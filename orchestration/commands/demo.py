"""`tokui demo`: the generated retailer, its first load and its nights."""

from __future__ import annotations

import argparse

from orchestration.commands.arguments import add_refresh_arguments


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("demo", help="generate the demo retailer and refresh it")
    add_refresh_arguments(command)
    command.add_argument("--scale", help="small (the default), medium or large")
    command.add_argument("--seed", type=int, metavar="N", help="of all that is drawn")
    command.add_argument(
        "--nights", type=int, default=0, metavar="N", help="deliver and refresh N further nights"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from orchestration import demo

    return demo.run(options)
