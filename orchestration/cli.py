"""`tokui`: the command for people and schedulers.

Exit status: 0 green, 1 a gate or an input stopped the run, 2 usage or configuration, 3 another run
is going, 4 it crashed. The command is a light parent: the run is a child process, and the parent
can say how it died.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

from ingestion.errors import ConfigurationError

GREEN, STOPPED, USAGE, BUSY, CRASHED = 0, 1, 2, 3, 4
_ROOT = Path(__file__).resolve().parent.parent
PROFILES = {
    "demo": _ROOT / "ingestion" / "demo" / "tokui.toml",
    "real": _ROOT / "ingestion" / "adapters" / "completejourney.toml",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    if options.command == "demo":
        options.profile = "demo"
    if options.profile:
        os.environ["TOKUI_CONFIG"] = str(PROFILES[options.profile])
    try:
        return options.run(options)
    except ConfigurationError as error:
        print(f"tokui: {error}", file=sys.stderr)
        return USAGE


def _refresh(options: argparse.Namespace) -> int:
    command = [sys.executable, "-m", "orchestration.refresh"]
    if options.as_of:
        command += ["--as-of", options.as_of]
    if options.full:
        command.append("--full")
    status = _run_child(command)
    if status < 0:
        name = signal.Signals(-status).name
        print(
            f"tokui: the run was killed by {name}"
            + (" (out of memory?)" if name == "SIGKILL" else "")
            + ". The last publication stays; the next run heals by itself.",
            file=sys.stderr,
        )
        return CRASHED
    return status if status in range(CRASHED + 1) else CRASHED


def _run_child(command: list[str]) -> int:
    """Run a command to its end; who asks the parent to end, asks the child.

    Ctrl-C reaches both without help, and the parent waits for what the child makes of it.
    """
    child = subprocess.Popen(command, env=os.environ | {"TOKUI_PROGRESS": "1"})
    handlers = {
        signal.SIGINT: lambda number, _: None,
        signal.SIGTERM: lambda number, _: child.send_signal(number),
        signal.SIGHUP: lambda number, _: child.send_signal(number),
    }
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        return child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _status(options: argparse.Namespace) -> int:
    from orchestration.status import print_status

    return print_status()


def _digest(options: argparse.Namespace) -> int:
    from orchestration.status import print_digests

    return print_digests()


def _inspect(options: argparse.Namespace) -> int:
    from orchestration.status import inspect_run

    return inspect_run(options.run_id)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tokui", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--profile",
        choices=sorted(PROFILES),
        help="use the settings that come with Tokui instead of ./tokui.toml",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run, text in (
        ("refresh", _refresh, "load what is new, build, check and publish"),
        ("demo", _refresh, "refresh the demo retailer"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--as-of", metavar="DATE", help="compute for this business date")
        command.add_argument("--full", action="store_true", help="rebuild every table")
        command.set_defaults(run=run)
    for name, run, text in (
        ("status", _status, "what is published and how the last runs ended"),
        ("digest", _digest, "sha256 of each published mart"),
    ):
        commands.add_parser(name, help=text).set_defaults(run=run)
    command = commands.add_parser("inspect", help="why a run ended as it did, and its warehouse")
    command.add_argument("run_id", metavar="RUN", help="id of the run, or its beginning")
    command.set_defaults(run=_inspect)
    return parser


if __name__ == "__main__":
    sys.exit(main())
