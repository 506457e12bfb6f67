"""Arguments that several commands share."""

from __future__ import annotations

import argparse
from datetime import date


def parse_date(text: str) -> str:
    """A date of the command line, for argparse."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no date such as 2026-09-30") from None


def add_refresh_arguments(command: argparse.ArgumentParser) -> None:
    """`--as-of` and `--full`, of every command that runs the job."""
    command.add_argument(
        "--as-of", metavar="DATE", type=parse_date, help="compute for this business date"
    )
    command.add_argument("--full", action="store_true", help="rebuild every table")
