"""`tokui doctor`: what would keep the next run from ending well."""

from __future__ import annotations

import argparse
import json
import sys


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "doctor", help="look for what would keep the next run from ending well"
    )
    command.add_argument("--json", action="store_true", help="findings as JSON, for programs")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from orchestration.child import GREEN, STOPPED
    from orchestration.doctor import examine
    from orchestration.doctor.finding import Level

    findings = examine()
    if options.json:
        json.dump([vars(one) for one in findings], sys.stdout, ensure_ascii=False, indent=2)
        print()
    else:
        for one in findings:
            print(f"{one.level:<5} {one.check:<14} {one.what}")
            if one.todo:
                print(f"{'':<20} → {one.todo}")
        count = {level: sum(one.level is level for one in findings) for level in Level}
        print(f"{count[Level.OK]} ok, {count[Level.WARN]} warn, {count[Level.FAIL]} fail")
    return STOPPED if any(one.level is Level.FAIL for one in findings) else GREEN
