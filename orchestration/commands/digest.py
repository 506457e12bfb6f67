"""`tokui digest`: sha256 of each published mart."""

from __future__ import annotations

import argparse


def add_to(commands: argparse._SubParsersAction) -> None:
    commands.add_parser("digest", help="sha256 of each published mart").set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from orchestration.status import print_digests

    return print_digests()
