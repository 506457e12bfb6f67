"""`python -m benchmarks`: a sitting, and what is made of its measurements."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.homes import Size

DEFAULT_WORK = Path("warehouse") / "bench"
DEFAULT_LINES = ("0.38", "3", "10")


def main(arguments: list[str] | None = None) -> int:
    """Run a sitting or one of the other commands; 0 when it was done, 2 when it could not be."""
    from benchmarks.cost import FailedCommandError

    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (FailedCommandError, FileNotFoundError, ValueError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2


def _sit(options: argparse.Namespace) -> int:
    from benchmarks import sitting

    return sitting.main(options.work, options.lines, options.runs, options.cases, keep=options.keep)


def _table(options: argparse.Namespace) -> int:
    from benchmarks import table

    return table.main(options.work, options.write)


def _profile(options: argparse.Namespace) -> int:
    from benchmarks import profile

    return profile.main(options.home, options.top)


def _parser() -> argparse.ArgumentParser:
    from benchmarks.cases import CASES

    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    sit = commands.add_parser("run", help="measure cases at sizes, in alternating rounds")
    sit.add_argument(
        "--lines",
        type=_size,
        nargs="+",
        default=[_size(text) for text in DEFAULT_LINES],
        metavar="M",
        help="millions of receipt lines in two years; 10x10 repeats ten millions of them ten times",
    )
    sit.add_argument("--runs", type=_positive, default=3, help="rounds of each case")
    sit.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES), metavar="CASE")
    sit.add_argument("--keep", action="store_true", help="leave the homes there, for `profile`")
    sit.set_defaults(run=_sit)

    table = commands.add_parser("table", help="what is stored, as Markdown")
    table.add_argument("--write", type=Path, metavar="PAGE", help="into a page, with its chart")
    table.set_defaults(run=_table)

    profile = commands.add_parser("profile", help="where a home's time goes, by step and by model")
    profile.add_argument("--home", type=Path, required=True)
    profile.add_argument("--top", type=_positive, default=30, help="how many models to name")
    profile.set_defaults(run=_profile)

    for command in (sit, table):
        command.add_argument(
            "--work", type=Path, default=DEFAULT_WORK, help="feeds, homes and measurements"
        )
    return parser


def _size(text: str) -> Size:
    try:
        return Size.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: write 3 or 10x10") from None


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: a number is 1 or more")
    return number


if __name__ == "__main__":
    sys.exit(main())
