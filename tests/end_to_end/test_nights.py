"""Nights of a generated retailer: together they give what one full refresh gives.

Three in CI, the last two of them missed and caught up with day by day; `NIGHTS=30` in the
environment for a month. Before the last two a person decides that a customer is two.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest

from evaluation.clean_nights import MAX_WARNINGS
from identity.overrides import record_hash
from identity.why import explain
from ingestion.engine import connect
from ingestion.personal import DEMO_KEY
from ingestion.settings import load_settings
from orchestration import demo as command
from orchestration.catch_up import refresh_each_day
from orchestration.publication import read_manifest
from tests.conftest import own_environment
from tests.end_to_end.test_report import assert_reasons_add_up, newest_report
from tests.generated import SCALE, SEED, FirstNight, GeneratedRetailer

NIGHTS = max(3, int(os.environ.get("NIGHTS", "3")))
FIRST = date(2026, 10, 1)
LAST = FIRST + timedelta(days=NIGHTS - 1)
BEFORE_LAST = LAST - timedelta(days=1)


@dataclass(frozen=True)
class Split:
    """A customer with two cards that bought something, and what both had bought until a date."""

    key: str
    cards: tuple[str, str]
    sales: object
    until: date


@dataclass(frozen=True)
class Nights:
    """The retailer after its nights; tests go on from one another."""

    retailer: GeneratedRetailer
    split: Split


@pytest.fixture(scope="module")
def nights(first_night: FirstNight, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    retailer = first_night.published.copy_to(tmp_path_factory.mktemp("nights") / "home")
    assert isinstance(retailer, GeneratedRetailer)
    with own_environment():
        for _ in range(NIGHTS - 3):
            retailer.deliver()
            assert retailer.refresh() == 0, retailer.message()
        retailer.deliver()
        retailer.deliver()
        split = _split_a_customer(retailer)  # Behind the deliveries, which write the settings anew.
        retailer.use()
        settings = load_settings(retailer.config)
        caught_up = refresh_each_day(
            retailer.home, settings, lambda: retailer.refresh(next_day=True)
        )
        assert caught_up == 0, retailer.message()
    return Nights(retailer, split)


@pytest.fixture
def retailer(nights: Nights) -> GeneratedRetailer:
    return nights.retailer


def test_each_night_moves_the_last_business_date_by_a_day(retailer: GeneratedRetailer) -> None:
    """The missed ones too, each with a version of its own."""
    state = {"scale": SCALE.name, "seed": SEED, "nights": NIGHTS}
    assert command.read_state(retailer.home) == state
    written = {path.stem.rsplit("_")[-1] for path in retailer.feeds.rglob("*_202610*.csv")}
    assert {f"{FIRST + timedelta(days=night):%Y%m%d}" for night in range(NIGHTS)} == written
    published = [run.as_of_date for run in retailer.journal.last_runs(NIGHTS) if run.version]
    assert published == [LAST - timedelta(days=night) for night in range(NIGHTS)]


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


def test_a_decision_splits_a_customer_and_every_mart_follows(nights: Nights) -> None:
    """Two cards of one customer that both bought something, and somebody says they are two."""
    retailer, split = nights.retailer, nights.split
    keys = [_customer_of(retailer, card) for card in split.cards]
    assert split.key in keys
    assert keys[0] != keys[1]
    both = ", ".join(f"'{key}'" for key in keys)
    ((since,),) = retailer.published(
        "select coalesce(sum(net_sales_order_dated), 0) from marts.fct_sales_receipt "
        f"where customer_key in ({both}) and business_date > date '{split.until}'"
    )
    assert retailer.published(
        f"select sum(net_sales_lifetime) from marts.customer_360 where customer_key in ({both})"
    ) == [(split.sales + since,)]
    for mart in ("dim_customer", "customer_rfm", "customer_ltv", "dim_customer_history"):
        found = retailer.published(
            f"select distinct customer_key from marts.{mart} where customer_key in ({both})"
        )
        assert {key for (key,) in found} == set(keys), mart
    with connect(_version_of(retailer, BEFORE_LAST) / "crm.duckdb", read_only=True) as connection:
        changes = connection.execute(
            "select old_customer_key from marts.customer_key_change where change_type = 'split'"
        ).fetchall()
    assert changes == [(split.key,)]
    reasons = explain(retailer.home.current, DEMO_KEY, tuple(f"pos:{card}" for card in split.cards))
    assert 'A decision says "never"' in reasons[1]


def test_an_older_date_is_what_was_published_for_it_and_never_replaces_the_head(
    retailer: GeneratedRetailer,
) -> None:
    """The ledger of identity has grown since: it knows of links that came later, and says so."""
    version, published = retailer.version(), retailer.digests()
    shown = _publications_shown(retailer)
    then = _version_of(retailer, BEFORE_LAST) / "manifest.json"
    at_the_time = _digests(json.loads(then.read_text(encoding="utf-8")))
    assert retailer.refresh(as_of=str(BEFORE_LAST)) == 0, retailer.message()
    beside = retailer.home.published / "as_of" / str(BEFORE_LAST)
    manifest = json.loads((beside / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["as_of"] == str(BEFORE_LAST)
    digests = _digests(manifest)
    differing = {name for name in digests if digests[name] != at_the_time[name]}
    assert differing <= {"dim_customer_identity"}
    assert digests != published
    assert (retailer.version(), retailer.digests()) == (version, published)
    assert _publications_shown(retailer) == shown
    page = (beside / "report.html").read_text(encoding="utf-8")
    assert f"As of {BEFORE_LAST}" in page
    with connect(beside / "crm.duckdb", read_only=True) as connection:
        newest = connection.sql("select max(business_date) from marts.fct_sales_receipt").fetchone()
    assert newest == (BEFORE_LAST,)


def test_the_nights_equal_a_full_refresh(
    retailer: GeneratedRetailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On two threads; the nights were built on one, as a small warehouse is.

    The truth's folder stands in its place meanwhile, and changes nothing.
    """
    monkeypatch.setenv("TOKUI_ENGINE_THREADS", "2")
    before = retailer.digests()
    assert (retailer.truth / "people.parquet").exists()
    assert retailer.refresh(full=True) == 0, retailer.message()
    differing = {name for name, digest in retailer.digests().items() if digest != before[name]}
    assert not differing
    assert retailer.status() == "unchanged"


def _publications_shown(retailer: GeneratedRetailer) -> int:
    """Times that Dagster says something was published."""
    retailer.use()
    os.environ["DAGSTER_HOME"] = str(retailer.home.dagster)
    with dg.DagsterInstance.get() as instance:
        found = instance.fetch_materializations(dg.AssetKey(["published", "crm"]), limit=100)
        return len(found.records)


def _split_a_customer(retailer: GeneratedRetailer) -> Split:
    """Decide that two cards of a customer belong to two people."""
    with connect(retailer.home.current, read_only=True) as connection:
        (one, key), (other, _) = connection.execute(
            "select distinct r.member_id, i.customer_key from raw_pos.receipts r "
            "join intermediate.int_customer_identity i on i.source_id = r.member_id_hash "
            "qualify count(distinct r.member_id) over (partition by i.customer_key) = 2 "
            "order by i.customer_key, r.member_id limit 2"
        ).fetchall()
    ((sales,),) = retailer.published(
        f"select net_sales_lifetime from marts.customer_360 where customer_key = '{key}'"
    )
    (retailer.root / "decisions.csv").write_text(
        "action,source_system_a,source_id_a,source_system_b,source_id_b,reason\n"
        f"never,pos,{one},pos,{other},two sisters\n",
        encoding="utf-8",
    )
    with retailer.config.open("a", encoding="utf-8") as settings:
        settings.write('\n[identity]\noverrides = "decisions.csv"\n')
    manifest = read_manifest(retailer.home)
    assert manifest is not None
    return Split(key, (one, other), sales, date.fromisoformat(manifest["as_of"]))


def _customer_of(retailer: GeneratedRetailer, member_id: str) -> str:
    """The published key of a card's customer."""
    return retailer.published(
        "select customer_key from marts.dim_customer_identity "
        f"where is_current and source_id = '{record_hash(DEMO_KEY, 'pos', member_id)}'"
    )[0][0]


def _version_of(retailer: GeneratedRetailer, as_of: date) -> Path:
    """The folder of the version that was published as of a date."""
    (version,) = (run.version for run in retailer.journal.last_runs() if run.as_of_date == as_of)
    return retailer.home.versions / version


def _digests(manifest: dict) -> dict[str, str]:
    return {name: table["digest"] for name, table in manifest["tables"].items()}
