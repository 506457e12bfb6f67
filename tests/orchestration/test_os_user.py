"""Who runs a command, as the system knows it."""

from __future__ import annotations

import pytest

from orchestration.os_user import os_user


def test_the_environment_does_not_say_who_runs_this(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "somebody-else")
    assert os_user() != "somebody-else"
