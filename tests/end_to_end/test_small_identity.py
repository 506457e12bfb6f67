"""The people of the small demo: found as the certificate wants, and kept over three nights.

The records of people alone go through ingestion and the models of identity; what the whole job does
with them, gates and marts included, is tried on a smaller retailer. `make identity` takes larger
ones and thirty nights.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from demo.generate import add_night, generate
from demo.scale import SCALES
from evaluation.certificate import out_of_bounds
from evaluation.continuity import compare_nights, count_differences, save_state
from evaluation.identity import evaluate
from identity import ledger as identity_ledger
from ingestion import ledger
from ingestion.contract import FEEDS
from ingestion.engine import connect
from ingestion.personal import DEMO_KEY
from ingestion.settings import load_settings
from ingestion.source import LoadContext, load_feed
from tests.dbt.conftest import run_dbt

SEED, NIGHTS = 5, 3
PEOPLE = ("members_", "subscribers_", "requesters_", "chat_links_")
RESULTS = ("+int_customer_identity", "int_identity_edges", "int_customer_key_changes")
LAST_LINKS = ("records", "clusters", "edges")


class People:
    """The small demo's records of people, resolved after each delivery."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.warehouse = home / "current" / "warehouse.duckdb"
        self.warehouse.parent.mkdir(parents=True)
        with connect(self.warehouse) as connection:
            ledger.prepare(connection, profile="demo", fingerprint="test")
        self.world = generate(home, SCALES["small"], SEED)
        self.statements = self._compile()
        self.loads = 0

    def resolve(self, *, full: bool = False) -> None:
        """Load what is new and work out the customers."""
        self._load()
        with connect(self.warehouse) as connection:
            for table in LAST_LINKS if full else ():
                connection.execute(f"delete from identity.{table}")
            for statement in self.statements:
                connection.execute(statement)
            identity_ledger.keep(connection)

    def next_night(self) -> None:
        add_night(self.home, self.world)

    def state(self, name: str) -> Path:
        path = self.home / f"{name}.duckdb"
        save_state(self.warehouse, path)
        return path

    def _load(self) -> None:
        for path in (self.home / "feeds").rglob("*.csv"):
            if not path.name.startswith(PEOPLE):
                path.unlink()
        settings = load_settings(self.home / "tokui.toml")
        self.loads += 1
        for name in FEEDS:
            context = LoadContext(
                warehouse=self.warehouse,
                landing_dir=self.home / "landing" / str(self.loads),
                scratch_dir=self.home / "scratch",
                load_id=f"load-{self.loads}",
                key=DEMO_KEY,
                now=datetime(2026, 10, 10),
            )
            assert load_feed(name, settings.feeds[name], context).held == []

    def _compile(self) -> list[str]:
        """Statements of the customers' identity and all it is built from, in dbt's order."""
        target = self.home / "target"
        result = run_dbt(
            ["compile", "--quiet", "--select", *RESULTS],
            self.warehouse,
            target,
            {"as_of_date": "2026-10-09"},
        )
        assert result.success, result.exception
        with connect(self.warehouse) as connection:
            connection.execute(
                "create schema staging; create schema intermediate; create schema seeds; "
                "create table seeds.identity_rules as from read_csv("
                "'dbt_project/seeds/identity_rules.csv')"
            )
        return [
            f"create or replace table {one.node.relation_name} as {one.node.compiled_code}"
            for one in result.result.results
            if str(one.node.resource_type) == "model"
        ]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("small")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOKUI_HOME", str(home))
        found = People(home)
        found.resolve()
        yield found


def test_the_people_found_are_those_planted(people: People) -> None:
    report = evaluate(people.home)
    assert report.warehouse.records > 25_000
    assert out_of_bounds(report) == []


def test_nights_keep_every_key_and_agree_with_a_rebuild(people: People) -> None:
    before = people.state("night_0")
    for number in range(1, NIGHTS + 1):
        people.next_night()
        people.resolve()
        after = people.state(f"night_{number}")
        night = compare_nights(before, after)
        assert night.is_clean, f"night {number}: {night}"
        assert night.new > 0
        before = after
    people.resolve()
    assert count_differences(before, people.state("again")) == 0
    people.resolve(full=True)
    assert count_differences(before, people.state("rebuilt")) == 0
