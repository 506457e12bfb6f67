"""`tokui publish postgres` and what the doctor says of the copy."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterable
from datetime import datetime

import pytest

from orchestration.cli import main
from orchestration.doctor.copies import check_postgres
from orchestration.doctor.finding import Finding, Level, Subject
from tests.doctor.conftest import words  # noqa: F401
from tests.orchestration.conftest import SmallHome
from tests.serving.postgres_server import Database, seen

ENABLED = "[publication.postgres]\nenabled = true\n"


@pytest.fixture
def home(make_home: Callable[..., SmallHome], monkeypatch: pytest.MonkeyPatch) -> SmallHome:
    small = make_home("home", ENABLED)
    monkeypatch.setenv("TOKUI_HOME", str(small.home.root))
    monkeypatch.setenv("TOKUI_CONFIG", str(small.settings.source))
    return small


def _said(small: SmallHome, words: Callable[[Iterable[Finding], Level], str], level: Level) -> str:  # noqa: F811
    return words(check_postgres(Subject(small.home, small.settings, datetime(2026, 10, 2))), level)


def test_first_use_without_a_refresh(
    home: SmallHome,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: Callable,  # noqa: F811
) -> None:
    assert main(["publish", "postgres"]) == 2
    assert "nothing is published yet; run `tokui refresh`" in capsys.readouterr().err
    assert "nothing is published yet" in _said(home, words, Level.OK)
    with monkeypatch.context() as patch:
        patch.delenv("TOKUI_POSTGRES_URL")
        [note] = home.publish("one", 1).notes
        assert "TOKUI_POSTGRES_URL is not set" in note
        assert main(["publish", "postgres"]) == 2
        assert "TOKUI_POSTGRES_URL is not set" in capsys.readouterr().err
        assert "TOKUI_POSTGRES_URL is not set" in _said(home, words, Level.FAIL)
    said = _said(home, words, Level.WARN)
    assert "it holds nothing of ours" in said
    assert "Run `tokui publish postgres`" in said
    assert main(["publish", "postgres"]) == 0
    version, number = seen(database)
    assert number == 1
    assert f"version {version} is there" in capsys.readouterr().out
    assert f"version {version}, as of 2026-09-30" in _said(home, words, Level.OK)
    assert main(["publish", "postgres"]) == 0
    assert "nothing to do" in capsys.readouterr().out


def test_without_a_server_the_command_ends_with_four(
    home: SmallHome,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: Callable,  # noqa: F811
) -> None:
    monkeypatch.setattr("ingestion.retries._FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setenv("TOKUI_POSTGRES_URL", "postgresql://me:geheim@127.0.0.1:1/crm")
    home.publish("one", 1)
    assert main(["publish", "postgres"]) == 4
    err = capsys.readouterr().err
    assert "the copy in Postgres stays as it was. the server cannot be reached" in err
    assert "geheim" not in err + _said(home, words, Level.WARN)


def test_while_a_run_is_going_the_command_waits_for_nothing(
    home: SmallHome, capsys: pytest.CaptureFixture[str]
) -> None:
    home.home.root.mkdir(parents=True, exist_ok=True)
    with home.home.lock.open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert main(["publish", "postgres"]) == 3
    assert "another run is going" in capsys.readouterr().err


def test_a_copy_that_nobody_asked_for(
    small: SmallHome,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: Callable,  # noqa: F811
) -> None:
    monkeypatch.setenv("TOKUI_HOME", str(small.home.root))
    monkeypatch.setenv("TOKUI_CONFIG", str(small.settings.source))
    assert main(["publish", "postgres"]) == 2
    assert "Set `enabled = true` in [publication.postgres]" in capsys.readouterr().err
    assert "no copy is asked for" in _said(small, words, Level.OK)
