"""`tokui status`: what is published and how the last runs ended."""

from __future__ import annotations

import argparse


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("status", help="what is published and how the last runs ended")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from orchestration.status import print_status

    return print_status()
