"""`tokui report`: what a run did, what changed and why; a test of the alerts."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("report", help="what a run did, and what changed and why")
    command.add_argument(
        "run_id", metavar="RUN", nargs="?", default="", help="id of the run, or its beginning"
    )
    command.add_argument("--html", metavar="FILE", type=Path, help="write the page to a file")
    command.add_argument(
        "--test-alert", action="store_true", help="send a test by every channel of [alerts]"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    return _test_alert() if options.test_alert else _report(options.run_id, options.html)


def _report(run_id: str, target: Path | None) -> int:
    """Print the report of a run, the newest without an id, or write its page."""
    from orchestration import home as homes
    from orchestration.child import GREEN, USAGE
    from orchestration.journal import Journal
    from orchestration.report.keep import report_of
    from orchestration.report.page import html, text

    home, settings = homes.load()
    row = Journal(home.journal).find_run(run_id)
    if row is None:
        what = f"no run {run_id}; `tokui status` lists them" if run_id else "there was no run yet"
        print(f"tokui: {what}", file=sys.stderr)
        return USAGE
    report = report_of(home, settings, row)
    if target is None:
        print(text(report))
    else:
        target.write_text(html(report), encoding="utf-8")
        print(target)
    return GREEN


def _test_alert() -> int:
    """Send a test; 0 when every channel took it, 1 when one did not, 2 when there is none."""
    from orchestration import home as homes
    from orchestration.alerts import said, send_test
    from orchestration.child import GREEN, STOPPED, USAGE

    _, settings = homes.load()
    outcomes = send_test(settings)
    if not outcomes:
        print(
            f"tokui: alerts are off: [alerts] in {settings.source} names neither webhook = true "
            "nor email_to",
            file=sys.stderr,
        )
        return USAGE
    print("\n".join(said(outcomes)))
    return STOPPED if any(outcomes.values()) else GREEN
