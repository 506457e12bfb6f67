"""Warehouses that are ill in one way each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import pytest

from orchestration.doctor.finding import Finding, Level, Subject
from tests.orchestration.conftest import SmallHome, make_home, small  # noqa: F401

CLOCK = datetime(2026, 10, 2, 6)


@pytest.fixture
def subject(small: SmallHome) -> Subject:  # noqa: F811
    return Subject(small.home, small.settings, CLOCK)


@pytest.fixture
def words() -> Callable[[Iterable[Finding], Level], str]:
    """What the findings of a level say, with what to do; the others must not be of it."""

    def said(findings: Iterable[Finding], level: Level) -> str:
        chosen = [one for one in findings if one.level is level]
        assert chosen, "no finding of this level"
        assert all(one.todo or level is Level.OK for one in chosen), "nothing to do is said"
        return "\n".join(f"{one.what} {one.todo}" for one in chosen)

    return said
