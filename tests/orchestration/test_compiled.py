"""What dbt compiled is what a run executes: no test on data is lost, and no date is fixed."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ingestion.settings import load_settings
from orchestration import compiled
from orchestration.aside import invoke
from orchestration.compiled import Compiled, compiled_project
from orchestration.project import load_parsed
from orchestration.transformation import variables
from tests.conftest import SAMPLE

AS_OF = date(2026, 9, 30)


@pytest.fixture(scope="module")
def of_sample() -> dict[str, Any]:
    known = load_settings(SAMPLE / "tokui.toml")
    return variables(known.company, known.metrics, known.identity, AS_OF, full=False)


@pytest.fixture(scope="module")
def project(of_sample: dict[str, Any]) -> Compiled:
    return compiled_project(of_sample, compiled.FOLDER)


def _of(project: Compiled, *layers: str) -> set[str]:
    return {name for name, table in project.tables.items() if table.layer in layers}


def _tests(project: Compiled, built: set[str]) -> set[str]:
    return {test.name for test in project.tests_of(built)}


def test_each_test_belongs_to_one_step(project: Compiled) -> None:
    steps = [
        _tests(project, _of(project, *layers))
        for layers in (("staging",), ("seeds", "intermediate"), ("marts",))
    ]
    wanted = {
        test.name
        for test in project.tests
        if not all(name.startswith("seed.") for name in test.tables)
        and not (test.is_key and not test.tables[0].startswith("model.tokui.int_"))
    }
    assert set().union(*steps) == wanted
    assert sum(map(len, steps)) == len(wanted) > 100


def test_a_test_waits_for_the_last_of_its_tables(project: Compiled) -> None:
    # It reads staging, intermediate and a mart.
    name = "fct_sales_line_has_all_counted_lines"
    assert name not in _tests(project, _of(project, "staging"))
    assert name in _tests(project, _of(project, "marts"))


def test_a_mart_alone_is_not_tested_against_those_beside_it(project: Compiled) -> None:
    assert "households_are_small_and_shared" in _tests(project, {"model.tokui.household"})
    assert "customer_360_adds_up" not in _tests(project, {"model.tokui.customer_360"})


def test_keys_of_intermediate_alone_are_tested_at_night(project: Compiled) -> None:
    keys = {
        test.tables[0]
        for test in project.tests_of(_of(project, "seeds", "staging", "intermediate", "marts"))
        if test.is_key
    }
    assert "model.tokui.int_campaigns" in keys
    assert keys <= _of(project, "intermediate")


def test_every_table_stands_behind_those_it_reads(project: Compiled) -> None:
    order = list(project.tables)
    for name, table in project.tables.items():
        assert all(order.index(above) < order.index(name) for above in table.above)


def test_marts_and_staging_have_contracts(project: Compiled) -> None:
    tables = [project.tables[name] for name in _of(project, "staging", "marts")]
    assert len(tables) > 80 and all(table.columns for table in tables)


def test_a_date_that_is_put_in_gives_what_dbt_compiles_for_it(
    project: Compiled, of_sample: dict[str, Any], tmp_path: Path
) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    known = {**of_sample, "mark_slices": True}
    done = invoke(load_parsed(), warehouse, ["compile"], known, tests=True)
    by_dbt = {
        one.node.unique_id: one.node.compiled_code.replace('"warehouse".', "")
        for one in done.result.results
        if not one.node.unique_id.startswith("seed.")
    }
    ours = {name: table.sql for name, table in project.tables.items()} | {
        test.unique_id: test.sql for test in project.tests
    }
    assert {name: ours[name] for name in by_dbt} == by_dbt
    assert AS_OF.isoformat() in json.dumps(by_dbt)


def test_a_name_in_the_sql_is_of_either_file(project: Compiled) -> None:
    """Marts are in a file of their own, so that no name may say the catalog of the other."""
    texts = [*(one.sql for one in project.tables.values()), *(one.sql for one in project.tests)]
    assert any('"marts"."dim_customer"' in text for text in texts)
    assert not [text for text in texts if '"warehouse"' in text]


def test_dbt_compiles_once_for_all_dates(
    of_sample: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def compile_again(_: object) -> Compiled:
        raise AssertionError("dbt was asked again")

    monkeypatch.setattr(compiled, "_compile", compile_again)
    compiled.ensure_compiled({**of_sample, "as_of_date": "2027-01-01"})
    with pytest.raises(AssertionError):
        compiled.ensure_compiled({**of_sample, "min_recipients": 987_654})


def test_only_the_newest_choices_of_settings_are_kept(
    of_sample: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(compiled, "FOLDER", tmp_path)
    monkeypatch.setattr(compiled, "_KEPT", 2)
    monkeypatch.setattr(compiled, "_compile", lambda _: Compiled({}, (), "code"))
    for number in range(3):
        compiled.ensure_compiled({**of_sample, "min_recipients": number})
    assert len(list(tmp_path.iterdir())) == 2


def test_where_the_installation_may_not_be_written_the_home_keeps_it(
    of_sample: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(compiled, "_compile", lambda _: Compiled({}, (), "code"))
    monkeypatch.setattr(os, "access", lambda *_: False)
    other = {**of_sample, "min_recipients": 987_654}
    path = compiled.ensure_compiled(other, tmp_path / "compiled")
    assert path.parent == tmp_path / "compiled"
    assert compiled.ensure_compiled(other, tmp_path / "compiled") == path


def _model(**config: Any) -> Any:
    """A node of dbt's manifest with what a run can do, unless told otherwise."""
    usual: dict[str, Any] = {"materialized": "table", "pre_hook": [], "post_hook": []}
    usual["contract"] = SimpleNamespace(enforced=False)
    return SimpleNamespace(
        unique_id="model.tokui.some",
        name="some",
        alias="some",
        schema="marts",
        resource_type="model",
        compiled_code="select 1 as a",
        columns={},
        constraints=[],
        depends_on=SimpleNamespace(nodes=[]),
        config=SimpleNamespace(**usual | config),
    )


def test_a_model_with_what_a_run_cannot_do_does_not_compile() -> None:
    assert compiled._table(_model(), {}).sql == "select 1 as a"
    for config in ({"pre_hook": ["set x = 1"]}, {"materialized": "incremental"}):
        with pytest.raises(RuntimeError, match="a run does not know"):
            compiled._table(_model(**config), {})
    with pytest.raises(RuntimeError, match="a view that is published"):
        compiled._table(_model(materialized="view"), {})
    constrained = _model()
    constrained.constraints = ["check (a > 0)"]
    with pytest.raises(RuntimeError, match="a constraint"):
        compiled._table(constrained, {})


def test_a_test_that_only_warns_does_not_compile() -> None:
    usual: dict[str, Any] = {
        "severity": "ERROR", "fail_calc": "count(*)", "error_if": "!= 0", "warn_if": "!= 0",
        "limit": None, "where": None, "store_failures": False,
    }  # fmt: skip
    assert not compiled._test(_model(**usual), {}).is_key
    for config in ({"severity": "warn"}, {"limit": 10}, {"where": "a > 0"}):
        with pytest.raises(RuntimeError, match="a run does not know"):
            compiled._test(_model(**usual | config), {})


def test_a_full_refresh_counts_baskets_anew(of_sample: dict[str, Any]) -> None:
    """What an earlier run kept is read by a night and by no full refresh."""
    name = "model.tokui.int_basket_changes"
    night, full = (
        compiled.compiled_project({**of_sample, "full_refresh": whole}, compiled.FOLDER)
        for whole in (False, True)
    )
    assert night.tables[name].sql != full.tables[name].sql
