"""`tokui evaluate`: what was found in the demo against what was planted."""

from __future__ import annotations

import argparse


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "evaluate", help="what was found in the demo against what was planted"
    )
    command.add_argument("subject", choices=["identity", "ltv", "campaigns", "baskets"])
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from orchestration import demo

    return demo.evaluate(options.subject)
