"""Nights of a generated retailer: together they give what one full refresh gives.

Five in CI; `NIGHTS=30` in the environment for a month of them.
"""

from __future__ import annotations

import json
import os
from datetime import date, timedelta

import pytest

from demo.scale import SCALES
from evaluation.clean_nights import MAX_WARNINGS
from orchestration import demo as command
from orchestration.lock import RunLock
from orchestration.publication import read_manifest
from tests.end_to_end.test_report import assert_reasons_add_up, newest_report
from tests.generated import SCALE, SEED, GeneratedRetailer

NIGHTS = int(os.environ.get("NIGHTS", "5"))
FIRST = date(2026, 10, 1)


@pytest.fixture(scope="module")
def retailer(
    generated_demo: GeneratedRetailer, tmp_path_factory: pytest.TempPathFactory
) -> GeneratedRetailer:
    """After five nights, each with a refresh of its own; tests go on from one another."""
    retailer = generated_demo.copy_to(tmp_path_factory.mktemp("nights") / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SCALES, SCALE.name, SCALE)
        for _ in range(NIGHTS):
            _deliver(retailer)
            assert retailer.refresh() == 0, retailer.message()
            assert retailer.status() == "published"
    return retailer


def test_each_night_moves_the_last_business_date_by_a_day(retailer: GeneratedRetailer) -> None:
    state = {"scale": SCALE.name, "seed": SEED, "nights": NIGHTS}
    assert command.read_state(retailer.home) == state
    written = {path.stem.rsplit("_")[-1] for path in retailer.feeds.rglob("*_202610*.csv")}
    assert {f"{FIRST + timedelta(days=night):%Y%m%d}" for night in range(NIGHTS)} == written
    manifest = read_manifest(retailer.home)
    assert manifest is not None
    assert manifest["as_of"] == (FIRST + timedelta(days=NIGHTS - 1)).isoformat()


def test_the_gates_are_quiet(retailer: GeneratedRetailer) -> None:
    """Of the rules that did not warn of the base history, one may warn in all the nights."""
    warned = retailer.journal.query(
        "select runs.started_at, suite || '.' || expectation from ops.check_results "
        "join ops.runs using (run_id) where not passed order by all"
    )
    base = min(started for (started,) in retailer.journal.query("select started_at from ops.runs"))
    standing = {rule for started, rule in warned if started == base}
    assert len({rule for _, rule in warned} - standing) <= MAX_WARNINGS


def test_the_report_says_what_changed_since_the_night_before(retailer: GeneratedRetailer) -> None:
    report = newest_report(retailer)
    assert assert_reasons_add_up(report.facts("kpis").kpis, "last") >= 5
    sales, stores = report.facts("kpis").kpis[0], report.facts("stores").tables[1].together
    assert (stores.change, stores.sales) == (sales.last.change, sales.value)


def test_a_date_before_the_last_nights_goes_beside_them(retailer: GeneratedRetailer) -> None:
    """Records that came later are known to the ledger already, and to no receipt of that date."""
    published = retailer.digests()
    assert retailer.refresh(as_of="2026-10-02") == 0, retailer.message()
    manifest = retailer.home.published / "as_of" / "2026-10-02" / "manifest.json"
    assert json.loads(manifest.read_text(encoding="utf-8"))["as_of"] == "2026-10-02"
    assert retailer.digests() == published
    assert "As of 2026-10-02" in manifest.with_name("report.html").read_text(encoding="utf-8")


def test_the_nights_equal_a_full_refresh(retailer: GeneratedRetailer) -> None:
    """The truth's folder stands in its place meanwhile, and changes nothing either."""
    before = retailer.digests()
    assert (retailer.truth / "people.parquet").exists()
    assert retailer.refresh(full=True) == 0, retailer.message()
    differing = {name for name, digest in retailer.digests().items() if digest != before[name]}
    assert not differing
    assert retailer.status() == "unchanged"


def _deliver(retailer: GeneratedRetailer) -> None:
    assert command.main(["night", str(retailer.root)]) == 0
    RunLock.release(retailer.home.lock)
