"""Who runs this, and which settings the dashboard takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.cli import main
from orchestration.os_user import os_user


def test_the_environment_does_not_say_who_runs_this(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "somebody-else")
    assert os_user() != "somebody-else"


def test_settings_that_are_named_and_not_there_are_no_reason_to_show_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def serve(*_: object) -> None:
        raise AssertionError("served something")

    monkeypatch.setattr("dashboard.server.serve", serve)
    monkeypatch.setenv("TOKUI_CONFIG", str(tmp_path / "mistyped.toml"))
    assert main(["dashboard"]) == 2
    assert "mistyped.toml" in capsys.readouterr().err
