"""`tokui why`: why two records are one person, or two."""

from __future__ import annotations

import argparse


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("why", help="why two records are one person, or two")
    command.add_argument("record", help="system and id, as in pos:M000123 (pos, email, support)")
    command.add_argument("other_record", help="the other one, as in support:R000042")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from identity.why import explain
    from ingestion.personal import load_key
    from orchestration.child import GREEN
    from orchestration.home import load

    home, settings = load()
    key = load_key(home.root, settings.profile)
    print("\n".join(explain(home.current, key, (options.record, options.other_record))))
    return GREEN
