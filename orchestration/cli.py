"""`tokui`: the command for people and schedulers.

Exit status: 0 green, 1 a gate or an input stopped the run, 2 usage or configuration, 3 another run
is going, 4 it crashed. Each subcommand is a module of `orchestration.commands`.
"""

from __future__ import annotations

import argparse
import os
import sys

from ingestion.errors import ConfigurationError
from orchestration import commands
from orchestration.child import USAGE
from orchestration.home import PROFILES


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        if options.profile and options.command != "demo":
            os.environ["TOKUI_CONFIG"] = str(PROFILES[options.profile]())
        return options.run(options)
    except ConfigurationError as error:
        print(f"tokui: {error}", file=sys.stderr)
        return USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tokui", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--profile",
        choices=sorted(PROFILES),
        help="use the settings of the demo or of the real data instead of ./tokui.toml",
    )
    subparsers = parser.add_subparsers(dest="command", required=True)
    for module in commands.modules():
        module.add_to(subparsers)
    return parser


if __name__ == "__main__":
    sys.exit(main())
