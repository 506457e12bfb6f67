"""The bare script gives the pipeline's marts, and the floor the same people and orders."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks import bare, floor
from benchmarks.profile import by_part
from orchestration.project import read_manifest
from tests.generated import GeneratedRetailer

AS_OF = date(2026, 9, 30)


@pytest.fixture(scope="module")
def script(
    generated_demo: GeneratedRetailer, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[dict[str, Any]]]:
    """The folder of a script that was run on the generated demo's feeds, and what it cost."""
    folder = tmp_path_factory.mktemp("bench") / "bare"
    bare.write_script(generated_demo.root, folder, AS_OF)
    return folder, bare.run_script(folder)


def rows(path: Path, schema: str) -> dict[str, int]:
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = ? "
            "and not starts_with(table_name, '_dlt')",
            [schema],
        ).fetchall()
        return {
            name: connection.execute(f"select count(*) from {schema}.{name}").fetchall()[0][0]
            for (name,) in names
        }


def value(path: Path, query: str) -> Any:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_marts_are_those_of_the_pipeline(
    script: tuple[Path, list[dict[str, Any]]], generated_demo: GeneratedRetailer
) -> None:
    folder, _ = script
    home, theirs = generated_demo.home, folder / bare.WAREHOUSE
    for schema in ("raw_pos", "raw_email", "raw_support", "staging", "marts"):
        ours = home.served if schema == "marts" else home.current
        wanted, found = rows(ours, schema), rows(theirs, schema)
        assert found.keys() == wanted.keys()
        # Repeated rows are stored, and ids order what is otherwise equal.
        apart = {n: (found[n], wanted[n]) for n in wanted if found[n] != wanted[n]}
        assert all(abs(a - b) <= max(3, 0.01 * b) for a, b in apart.values()), apart
        assert schema != "staging" or not {n for n in apart if n != "stg_row_accounting"}
    for query in (
        "select count(*), sum(net_sales), sum(tax_amount) from marts.fct_sales_line",
        "select rfm_window, sum(frequency), sum(monetary) from marts.customer_rfm "
        "group by all order by all",
        "select status, customers from prediction.clv_params where segment = 'all'",
    ):
        ours = home.served if "marts." in query else home.current
        assert value(theirs, query) == value(ours, query)


def test_every_model_is_run_in_its_layer(script: tuple[Path, list[dict[str, Any]]]) -> None:
    _, steps = script
    models = {n["name"] for n in read_manifest()["nodes"].values() if n["resource_type"] == "model"}
    assert {step["name"] for step in steps if step["layer"] in bare.LAYERS} == models
    layers = [step["layer"] for step in steps]
    assert layers == sorted(
        layers, key=["raw", "staging", "intermediate", "prediction", "marts"].index
    )
    parts = by_part(steps)
    assert sum(parts.values()) == pytest.approx(sum(step["cpu"] for step in steps))
    assert {"raw.raw_pos.receipts", "prediction.fit_ltv", "marts.customer_360"} <= parts.keys()


def test_the_floor_has_the_customers_and_orders_of_the_models(
    script: tuple[Path, list[dict[str, Any]]],
) -> None:
    folder, steps = script
    as_of = json.loads((folder / bare.SCRIPT).read_text())["as_of"]
    with duckdb.connect(str(folder / bare.WAREHOUSE)) as connection:
        for name in floor.COMPARED:
            sql = (Path(floor.__file__).parent / f"{name}.sql").read_text()
            connection.execute(sql.replace("{as_of}", as_of))
        ((wanted, found, monetary, by_hand),) = connection.execute(
            "select sum(ours.frequency), sum(hand.frequency), sum(ours.monetary), "
            "sum(hand.monetary) from marts.customer_rfm as ours "
            "left join hand_rfm as hand using (customer_key, rfm_window)"
        ).fetchall()
        ((customers, of_marts),) = connection.execute(
            "select (select count(*) from hand_customer_360), "
            "(select count(*) from marts.customer_360)"
        ).fetchall()
    assert float(found) == pytest.approx(float(wanted), rel=0.02)
    assert float(by_hand) == pytest.approx(float(monetary), rel=0.03)
    assert customers == pytest.approx(of_marts, rel=0.02)
    costs = floor.of_our_models(steps, read_manifest()["nodes"])
    assert costs["customer_360"] > costs["rfm"] > 0


def test_the_floor_is_held_against_what_the_models_read() -> None:
    nodes = {
        f"model.tokui.{name}": {
            "name": name,
            "resource_type": "model",
            "depends_on": {"nodes": [f"model.tokui.{other}" for other in others]},
        }
        for name, others in {
            "customer_rfm": ["int_receipts", "dim_customer"],
            "int_receipts": ["stg_pos__receipts", "int_customer_identity"],
            "stg_pos__receipts": [],
            "dim_customer": ["stg_pos__members"],
            "int_customer_identity": ["stg_pos__receipts"],
            "stg_pos__members": [],
        }.items()
    }
    assert floor.upstream(["customer_rfm"], nodes) == {
        "customer_rfm",
        "int_receipts",
        "stg_pos__receipts",
    }
