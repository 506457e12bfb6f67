"""Facts of a clean night made by hand; a test says what is otherwise."""

from __future__ import annotations

from pathlib import Path

from evaluation.faults.model import NightFacts


def night_facts(**other: object) -> NightFacts:
    facts = {
        "home": Path("home"),
        "status": 0,
        "ended": "published",
        "message": "",
        "said": "",
        "failed": [],
        "refused": [],
        "quarantined": [],
        "accounting": {},
        "published_accounting": {},
        "as_of": "2026-10-01",
        "served": "served",
        "manifest": "manifest",
        "feeds_held": [],
        "digests": {"kpi_daily": "same"},
    }
    return NightFacts(**facts | other)
