"""Who is told of which run, and what: the command's parent, and Dagster's sensors."""

from __future__ import annotations

from datetime import datetime

import dagster as dg
import pytest

from ingestion.errors import ConfigurationError
from orchestration import alerts, child
from orchestration.defs.alerts import tell
from orchestration.instance import LOCKED_TAG
from orchestration.journal import utc_now
from orchestration.report.keep import report_of
from orchestration.report.page import short
from tests.orchestration.conftest import SmallHome
from tests.orchestration.listeners import Hook, listening_hook
from tests.orchestration.reported import publish_both, row_of

ON = '[alerts]\nwebhook = true\non = ["failed", "held", "warning"]\n'


@pytest.fixture
def told(make_home, monkeypatch) -> SmallHome:
    """A home whose settings name a webhook."""
    return _use(make_home("told", ON), monkeypatch)


@pytest.fixture
def hook(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with listening_hook() as hook:
        monkeypatch.setenv("TOKUI_ALERT_WEBHOOK", hook.url)
        yield hook


def _use(small: SmallHome, monkeypatch) -> SmallHome:
    monkeypatch.setenv("TOKUI_HOME", str(small.home.root))
    monkeypatch.setenv("TOKUI_CONFIG", str(small.settings.source))
    return small


def _end(small: SmallHome, status: str, message: str = "") -> datetime:
    """A run that ended so; the instant before it began."""
    since = utc_now()
    small.journal.start_run("run-1", "demo", utc_now())
    if status != "running":
        small.journal.finish_run("run-1", status, message)
    return since


def test_a_stopped_run_is_told_with_what_and_what_to_do(told, hook: Hook, capsys) -> None:
    since = _end(told, "stopped", "the raw gate stopped the run: raw_pos.receipts · key_unique")
    alerts.follow_up(since, child.STOPPED)
    (body,) = hook.bodies
    assert body["text"].startswith("[Tokui] demo: 夜間更新 停止 (stopped)\n")
    assert "raw_pos.receipts · key_unique" in body["text"]
    assert "tokui inspect run-1" in body["text"]
    assert body["fields"]["status"] == "stopped"
    assert "an alert was sent by webhook" in capsys.readouterr().err


def test_figures_of_the_business_stay_in_the_report(told, hook: Hook) -> None:
    publish_both(told)
    alerts.tell_of_run(told.home, told.settings, row_of(told, "wednesday", status="stopped"))
    report = report_of(told.home, told.settings, row_of(told, "wednesday"))
    assert "¥8,000" in "".join(short(report))
    assert hook.bodies
    assert "¥" not in str(hook.bodies)


def test_what_a_crash_quotes_stays_on_the_machine(told, hook: Hook) -> None:
    alerts.follow_up(_end(told, "crashed", "could not convert '山田 太郎'"), child.CRASHED)
    (body,) = hook.bodies
    assert "異常終了" in body["text"]
    assert "山田" not in str(body)


def test_a_killed_run_is_told_by_the_parent_and_has_a_page(told, hook: Hook) -> None:
    alerts.follow_up(_end(told, "running"), child.CRASHED)
    assert hook.bodies[0]["fields"]["status"] == "killed"
    assert list(told.home.reports.glob("*-run-1.html"))


def test_a_run_before_this_one_is_not_told_again(told, hook: Hook) -> None:
    _end(told, "stopped", "an old story")
    alerts.follow_up(utc_now(), child.USAGE)
    assert "exit status 2" in hook.bodies[0]["text"]
    assert "an old story" not in hook.bodies[0]["text"]


@pytest.mark.parametrize("status", [child.GREEN, child.BUSY])
def test_green_and_busy_are_not_told(told, hook: Hook, status: int) -> None:
    alerts.follow_up(_end(told, "unchanged"), status)
    assert hook.bodies == []


@pytest.mark.parametrize(
    ("on", "endings"), [('"failed"', []), ('"held"', ["held"]), ('"warning"', ["warning"])]
)
def test_green_runs_are_told_as_asked(make_home, monkeypatch, hook: Hook, on, endings) -> None:
    small = _use(make_home("green", f"[alerts]\nwebhook = true\non = [{on}]\n"), monkeypatch)
    since = _end(small, "unchanged")
    small.journal.write(
        "insert into ops.held_files values ('run-1', 'pos', 'raw_pos.receipts', 'r.csv', ?)",
        [["receipts: r.csv, line 1: no column business_date"]],
    )
    small.journal.write(
        "insert into ops.check_results (run_id, layer, suite, expectation, severity, passed, "
        "acceptance_id) values ('run-1', 'raw', 's', ?, 'warning', false, ?)",
        [["r", None], ["let through", "a1"]],
    )
    alerts.follow_up(since, child.GREEN)
    assert [body["text"].split("(")[1].split(")")[0] for body in hook.bodies] == endings
    for body in hook.bodies:
        assert "no column business_date" in body["text"]
        assert "warning: s · r" in body["text"]
        assert "let through" not in body["text"]
        assert body["fields"]["checks_warned"] == "1"


def test_alerts_are_off_by_default(small: SmallHome, hook: Hook, monkeypatch) -> None:
    alerts.follow_up(_end(_use(small, monkeypatch), "stopped"), child.STOPPED)
    assert hook.bodies == []


@pytest.mark.parametrize("answer", [500, 404])
def test_a_failing_alert_is_said_and_changes_no_status(
    told, monkeypatch, capsys, answer: int
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(child, "run_child", lambda _: _end(told, "stopped") and child.STOPPED)
    with listening_hook(answer, answer, answer) as hook:
        monkeypatch.setenv("TOKUI_ALERT_WEBHOOK", hook.url)
        assert child.run_refresh() == child.STOPPED
    assert f"could not be sent by webhook: 127.0.0.1 answered {answer}" in capsys.readouterr().err


def test_settings_that_cannot_be_read_change_no_status(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("TOKUI_CONFIG", str(tmp_path / "missing.toml"))
    alerts.follow_up(utc_now(), child.USAGE)


def test_a_test_alert_says_that_it_is_one(told, small, hook: Hook) -> None:
    assert alerts.send_test(told.settings) == {"webhook": ""}
    assert "This is a test" in hook.bodies[0]["text"]
    assert alerts.send_test(small.settings) == {}


def test_sensors_tell_of_the_runs_that_the_command_does_not(told, hook: Hook) -> None:
    _end(told, "stopped", "the marts gate stopped the run")
    tell(dg.DagsterRun("nightly_refresh", run_id="run-1", tags={LOCKED_TAG: "yes"}))
    assert hook.bodies == []
    assert "sent by webhook" in tell(dg.DagsterRun("nightly_refresh", run_id="run-1"))
    assert "the marts gate stopped the run" in hook.bodies[0]["text"]
    assert tell(dg.DagsterRun("nightly_refresh", run_id="other")) == (
        "the run ended before its first step"
    )


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('on = ["always"]', "alerts.on knows failed, held, warning"),
        ('smtp_security = "tls"', "alerts.smtp_security knows starttls, ssl, none"),
        ('email_to = ["a@example.com"]', "needs alerts.email_from and alerts.smtp_host"),
    ],
)
def test_wrong_settings_say_what_is_right(make_home, lines: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        make_home("wrong", f"[alerts]\n{lines}\n")
