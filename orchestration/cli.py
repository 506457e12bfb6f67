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
from datetime import date

from ingestion.errors import ConfigurationError
from orchestration.home import PROFILES

GREEN, STOPPED, USAGE, BUSY, CRASHED = 0, 1, 2, 3, 4


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        if options.profile and options.run is not _demo:
            os.environ["TOKUI_CONFIG"] = str(PROFILES[options.profile]())
        return options.run(options)
    except ConfigurationError as error:
        print(f"tokui: {error}", file=sys.stderr)
        return USAGE


def run_refresh(as_of: str | None = None, full: bool = False) -> int:
    """Run the nightly job in a child process and return its exit status."""
    command = [sys.executable, "-m", "orchestration.refresh"]
    if as_of:
        command += ["--as-of", as_of]
    if full:
        command.append("--full")
    return run_child(command)


def run_child(command: list[str]) -> int:
    """Run a command to its end, say how it died if it did, and return an exit status of `tokui`."""
    status = _wait_for(command)
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


def _wait_for(command: list[str]) -> int:
    """Wait for a child; who asks the parent to end, asks the child.

    Ctrl-C reaches both without help, and the parent waits for what the child makes of it.
    """
    children: list[subprocess.Popen] = []
    asked: list[int] = []

    def pass_on(number: int, _: object) -> None:
        asked.append(number)
        for child in children:
            child.send_signal(number)

    handlers = {
        signal.SIGINT: lambda number, _: None,
        signal.SIGTERM: pass_on,
        signal.SIGHUP: pass_on,
    }
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        child = subprocess.Popen(command, env=os.environ | {"TOKUI_PROGRESS": "1"})
        children.append(child)
        for number in asked:  # What came before there was a child.
            child.send_signal(number)
        return child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def parse_date(text: str) -> str:
    """A date of the command line, for argparse."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no date such as 2026-09-30") from None


def _refresh(options: argparse.Namespace) -> int:
    return run_refresh(options.as_of, options.full)


def _demo(options: argparse.Namespace) -> int:
    from orchestration import demo

    return demo.run(options)


def _status(options: argparse.Namespace) -> int:
    from orchestration.status import print_status

    return print_status()


def _digest(options: argparse.Namespace) -> int:
    from orchestration.status import print_digests

    return print_digests()


def _inspect(options: argparse.Namespace) -> int:
    from orchestration.status import inspect_run

    return inspect_run(options.run_id)


def _why(options: argparse.Namespace) -> int:
    from identity.why import explain
    from ingestion.personal import load_key
    from orchestration.home import load

    home, settings = load()
    key = load_key(home.root, settings.profile)
    print("\n".join(explain(home.current, key, (options.record, options.other_record))))
    return GREEN


def _evaluate(options: argparse.Namespace) -> int:
    from orchestration import demo

    return demo.evaluate(options.subject)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tokui", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--profile",
        choices=sorted(PROFILES),
        help="use the settings of the demo or of the real data instead of ./tokui.toml",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run, text in (
        ("refresh", _refresh, "load what is new, build, check and publish"),
        ("demo", _demo, "generate the demo retailer and refresh it"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument(
            "--as-of", metavar="DATE", type=parse_date, help="compute for this business date"
        )
        command.add_argument("--full", action="store_true", help="rebuild every table")
        command.set_defaults(run=run)
    command.add_argument("--scale", help="small (the default), medium or large")
    command.add_argument("--seed", type=int, metavar="N", help="of all that is drawn")
    command.add_argument(
        "--nights", type=int, default=0, metavar="N", help="deliver and refresh N further nights"
    )
    for name, run, text in (
        ("status", _status, "what is published and how the last runs ended"),
        ("digest", _digest, "sha256 of each published mart"),
    ):
        commands.add_parser(name, help=text).set_defaults(run=run)
    command = commands.add_parser(
        "evaluate", help="what was found in the demo against what was planted"
    )
    command.add_argument("subject", choices=["identity", "ltv"])
    command.set_defaults(run=_evaluate)
    command = commands.add_parser("why", help="why two records are one person, or two")
    command.add_argument("record", help="system and id, as in pos:M000123 (pos, email, support)")
    command.add_argument("other_record", help="the other one, as in support:R000042")
    command.set_defaults(run=_why)
    command = commands.add_parser("inspect", help="why a run ended as it did, and its warehouse")
    command.add_argument("run_id", metavar="RUN", help="id of the run, or its beginning")
    command.set_defaults(run=_inspect)
    return parser


if __name__ == "__main__":
    sys.exit(main())
