"""Alerts: who is told of a run that did not end as it should, and what. Off by default.

`tokui refresh` sends them from the command that started the run, so that a run that is killed is
told of as well; runs that Dagster starts are told of by sensors. An alert holds counts, names of
checks and row ids, never a value of a row nor a figure of the business; what an unforeseen error
says stays on the machine.
"""

from __future__ import annotations

import socket
import sys
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ingestion.errors import ConfigurationError
from ingestion.settings import Alerts, Settings
from orchestration import home as homes
from orchestration.channels import Message, channels, send
from orchestration.child import BUSY, GREEN
from orchestration.home import Home
from orchestration.journal import Journal, RunRow, utc_now

if TYPE_CHECKING:
    from orchestration.report.page import Report

_IN_JAPANESE = {
    "stopped": "停止",
    "misconfigured": "設定エラー",
    "crashed": "異常終了",
    "killed": "強制終了",
    "held": "ファイル保留あり",
    "warning": "警告あり",
}
_LINES = 12
"""Of what a run says when it stops, an alert repeats so many."""


def follow_up(since: datetime, status: int) -> None:
    """What the command does when its run has ended: tell whoever is to be told.

    Args:
        since: when the command started the run (UTC).
        status: the exit status that the command will return, whatever happens here.
    """
    if status == BUSY:
        return  # The run that is going tells of itself.
    try:
        home, settings = homes.load()
        run = _run_since(Journal(home.journal), since)
        if run is not None and run.status == "killed":
            # Late, as below: most runs are told of to nobody, and the report is half of a start.
            from orchestration.report.keep import closing_words

            print(closing_words(home, settings, run), file=sys.stderr)
        if channels(settings.alerts):
            told = tell_of_run(home, settings, run) if run else _tell_of_none(settings, status)
            print("\n".join(told), end="\n" if told else "", file=sys.stderr)
    except ConfigurationError:
        pass  # The run has said it; who is to be told stands in what cannot be read.
    except Exception as error:
        print(f"tokui: no alert was sent ({type(error).__name__})", file=sys.stderr)


def tell_of_run(home: Home, settings: Settings, run: RunRow) -> list[str]:
    """Send an alert if the run ended as `alerts.on` says; lines that say what was sent."""
    from orchestration.report.keep import keep, report_of

    report = report_of(home, settings, run)
    ending = ending_of(report, settings.alerts)
    if ending is None:
        return []
    page = keep(home, run, report)
    return said(send(settings.alerts, message_of(report, ending, f"{page}")))


def ending_of(report: Report, alerts: Alerts) -> str | None:
    """What is to be told of a run: its status if it failed, `held`, `warning`, or nothing."""
    from orchestration.report import course

    run = report.facts("course")
    if run.status in course.RED:
        return run.status if "failed" in alerts.on else None
    if report.facts("feeds").refused and "held" in alerts.on:
        return "held"
    return "warning" if report.facts("checks").count("warning") and "warning" in alerts.on else None


def message_of(report: Report, ending: str, page: str) -> Message:
    """The alert about a run."""
    from orchestration.report import course
    from orchestration.report.page import summary

    run, checks = report.facts("course"), report.facts("checks")
    feeds, quarantine = report.facts("feeds"), report.facts("quarantine")
    told = [*run.message.splitlines(), *feeds.refused]
    if not run.message:
        told += [f"{check.severity}: {check.suite} · {check.rule}" for check in checks.open]
    more = [f"... and {len(told) - _LINES} lines more"] if len(told) > _LINES else []
    lines = [
        *summary(report),
        *([] if run.is_green else [f"Readers {course.readers_see(run)}."]),
        *told[:_LINES],
        *more,
        f"What to do: tokui inspect {run.run_id[:8]}",
        f"Report: {page}",
    ]
    fields = {
        "status": run.status,
        "run": run.run_id,
        "profile": run.profile,
        "machine": socket.gethostname(),
        "as_of": str(run.as_of or ""),
        "published_version": run.served_version or "",
        "checks_failed": str(checks.count("critical")),
        "checks_warned": str(checks.count("warning")),
        "files_refused": str(len(feeds.refused)),
        "rows_in_quarantine": str(quarantine.waiting),
        "report": page,
    }
    return Message(_subject(run.profile, ending), "\n".join(lines), fields)


def send_test(settings: Settings) -> dict[str, str]:
    """Send a message that says it is a test; why it failed by channel, empty where it went out.

    No channel at all gives nothing.
    """
    message = Message(
        f"[Tokui] {settings.profile}: テスト (test)",
        "This is a test of the alerts. Nothing has happened; runs that fail are told of like this.",
        {"status": "test", "profile": settings.profile, "machine": socket.gethostname()},
    )
    return send(settings.alerts, message)


def said(outcomes: dict[str, str]) -> list[str]:
    """A line a channel: sent, or why not."""
    return [
        f"tokui: the alert could not be sent by {channel}: {reason}. `tokui report --test-alert` "
        "tries the settings."
        if reason
        else f"tokui: an alert was sent by {channel}"
        for channel, reason in outcomes.items()
    ]


def _run_since(journal: Journal, since: datetime) -> RunRow | None:
    """The run that the command started, if it got so far; one that still runs was killed."""
    found = [row for row in journal.last_runs() if row.started_at >= since]
    if not found:
        return None
    row = found[-1]
    is_dead = row.status == "running"
    return replace(row, status="killed", finished_at=utc_now()) if is_dead else row


def _tell_of_none(settings: Settings, status: int) -> list[str]:
    """A run that ended before the journal knew of it."""
    if status == GREEN or "failed" not in settings.alerts.on:
        return []
    message = Message(
        _subject(settings.profile, "crashed"),
        f"The nightly refresh ended before its first step, with exit status {status}. The last "
        "publication stays. What to do: read what it printed, and start `tokui refresh` by hand.",
        {
            "status": "crashed",
            "profile": settings.profile,
            "machine": socket.gethostname(),
            "exit_status": str(status),
        },
    )
    return said(send(settings.alerts, message))


def _subject(profile: str, ending: str) -> str:
    return f"[Tokui] {profile}: 夜間更新 {_IN_JAPANESE[ending]} ({ending})"
