"""Segments and lists in files: every mistake is told with its line, and both lists agree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from jinja2 import Environment

from expectations.marts import promotion_list
from ingestion.errors import ConfigurationError
from plans.load import default_file, load_plans, read_plan
from plans.segments import ATTRIBUTES, MAX_VALUES
from plans.tables import PLANS, PROMOTION_LISTS, SEGMENT_RULES

ROOT = Path(__file__).resolve().parents[2]
MACROS = ROOT / "dbt_project" / "macros"
HEADER = "segment_id,segment_name,alternative,attribute,operator,value"
LIST_HEADER = "list_id,list_name,recipe,segment_id,channel,max_contacts,contact_days,recipe_days"


def returned_by(file: str, macro: str) -> Any:
    """What a macro of dbt without arguments returns."""
    caught: list[Any] = []
    environment = Environment()
    environment.globals["return"] = caught.append
    template = environment.from_string((MACROS / file).read_text(encoding="utf-8"))
    getattr(template.module, macro)()
    return caught[0]


def rules(tmp_path: Path, *lines: str) -> list[dict[str, object]]:
    path = tmp_path / "rules.csv"
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    return read_plan(SEGMENT_RULES, path)


def test_plans_and_models_know_the_same_attributes() -> None:
    expected = {name: attribute.kind.word for name, attribute in ATTRIBUTES.items()}
    assert returned_by("segments.sql", "segment_attributes") == expected


def test_the_model_works_out_every_attribute() -> None:
    model = ROOT / "dbt_project/models/intermediate/segments/int_segment_states.sql"
    text = model.read_text(encoding="utf-8")
    stems = {re.sub("_(lifetime|365d)$", "", name) for name in ATTRIBUTES}
    assert [stem for stem in stems if not re.search(rf"\b{stem}\b|\b{stem}_", text)] == []


def test_the_docs_explain_every_attribute() -> None:
    text = (ROOT / "docs/metrics/segments.md").read_text(encoding="utf-8")
    assert [name for name in ATTRIBUTES if f"`{name}`" not in text] == []


def test_groups_are_those_that_the_gates_know() -> None:
    from expectations.marts import customer_rfm

    assert set(ATTRIBUTES["rfm_group_lifetime"].values) == {
        *customer_rfm.GROUPS,
        *customer_rfm.UNSCORED,
    }


def test_recipes_are_those_of_the_models_and_the_gate() -> None:
    allowed = PROMOTION_LISTS.column("recipe").values
    assert set(returned_by("promotions.sql", "promotion_recipes")) == set(allowed)
    assert allowed == promotion_list.RECIPES
    assert PROMOTION_LISTS.column("channel").values == promotion_list.CHANNELS


@pytest.mark.parametrize("plan", [SEGMENT_RULES, PROMOTION_LISTS])
def test_defaults_are_right(plan: Any) -> None:
    assert read_plan(plan, default_file(plan))


def test_a_list_is_stored_without_spaces(tmp_path: Path) -> None:
    (line,) = rules(tmp_path, "s,,1,prefecture,in,東京都 | 千葉県")
    assert line["value"] == "東京都|千葉県"


@pytest.mark.parametrize(
    "line",
    [
        "s,,1,gender,=,female",
        "s,,1,gender,<>,female",
        "s,,1,age_band,not in,30-39|40-49",
        "s,,1,prefecture,is null,",
        "s,,1,q_orders_365d,>=,12",
        "s,,1,monetary_lifetime,<,1000.50",
        "s,,1,q_orders_lifetime,in,1|2|3",
        "s,,1,days_since_last,is not null,",
        "s,,1,is_member,=,true",
        "s,,,lifecycle_status,=,at_risk",
    ],
)
def test_right_lines(tmp_path: Path, line: str) -> None:
    assert len(rules(tmp_path, line)) == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("s,,1,recency,=,1", 'attribute is "recency"; it is one of rfm_group_lifetime'),
        ("s,,1,gender,>,female", 'operator is ">", but gender is a text'),
        ("s,,1,is_member,in,true|false", 'operator is "in", but is_member is a flag'),
        ("s,,1,is_member,is null,", 'operator is "is null", but is_member is a flag'),
        ("s,,1,gender,like,f%", 'operator is "like"'),
        ("s,,1,q_orders_365d,>=,twelve", 'value is "twelve"; q_orders_365d is a number'),
        ("s,,1,q_orders_365d,>=,NaN", 'value is "NaN"; q_orders_365d is a number'),
        ("s,,1,q_orders_365d,>=,1e12", "at most 12 digits before"),
        ("s,,1,q_orders_365d,>=,0.0000001", "6 after the point"),
        ("s,,1,q_orders_365d,in,1|x", 'value is "x"; q_orders_365d is a number'),
        ("s,,1,is_member,=,yes", 'value is "yes"; is_member is true or false'),
        ("s,,1,rfm_group_365d,=,CHAMPION", 'value is "CHAMPION"; rfm_group_365d is one of'),
        ("s,,1,age_band,in,30-39|40s", 'value is "40s"; age_band is one of 0-19'),
        ("s,,1,gender,=,", 'value is empty; "=" needs one'),
        ("s,,1,gender,is null,female", 'value must be empty after "is null"'),
        ("s,,1,gender,=,female|male", '"=" takes one, "in" takes more'),
        ("s,,1,gender,<>,female|male", '"<>" takes one, "not in" takes more'),
        ("s,,1,prefecture,in,東京都||千葉県", "value has an empty part"),
        ("s,,1,prefecture,in,東京都|東京都", 'value has "東京都" twice'),
        ("s,,1,q_orders_365d,in,1|1.0", 'value has "1" twice'),
        (
            "s,,1,home_store_id,in," + "|".join(f"S{n}" for n in range(MAX_VALUES + 1)),
            "at most 100 are allowed",
        ),
        ("s,,first,gender,=,female", 'alternative is "first"; it must be a whole number'),
    ],
)
def test_wrong_lines(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        rules(tmp_path, "s,,1,days_since_first,<,10", line)
    assert "rules.csv: line 3: " in str(caught.value)
    assert words in str(caught.value)


def test_one_comparison_stands_once_in_an_alternative(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"line 3: line 2 has the same segment_id"):
        rules(tmp_path, "s,,1,gender,=,female", "s,,1,gender,=,male")
    assert len(rules(tmp_path, "s,,1,gender,=,female", "s,,2,gender,=,male")) == 2


def test_a_segment_has_one_name(tmp_path: Path) -> None:
    assert rules(tmp_path, "s,One,1,gender,=,female", "s,,1,age_band,=,70+", "t,Two,1,gender,=,x")
    with pytest.raises(ConfigurationError, match=r'line 3: segment_name is "Two", but line 2'):
        rules(tmp_path, "s,One,1,gender,=,female", "s,Two,1,age_band,=,70+")


def load_lists(tmp_path: Path, *lines: str) -> dict[str, int]:
    path = tmp_path / "lists.csv"
    path.write_text("\n".join([LIST_HEADER, *lines]), encoding="utf-8")
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        return load_plans(connection, {"promotion_lists": path})


def test_a_list_of_a_segment_is_written_with_its_defaults(tmp_path: Path) -> None:
    assert load_lists(tmp_path, "l,,segment,champions,line,,,")["promotion_lists"] == 1
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        numbers = connection.sql(
            "select max_contacts, contact_days, recipe_days from plans.promotion_lists"
        ).fetchall()
    assert numbers == [(4, 30, 365)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("l,,segment,no_such,email,,,", 'segment_id is "no_such", which no line of segment_rules'),
        ("l,,segment,,email,,,", "recipe segment needs a segment_id"),
        ("l,,dormant_winback,champions,email,,,", "no other recipe has one"),
        ("l,,dormant_winback,,email,0,,", "max_contacts must be 1 or more"),
        ("l,,dormant_winback,,email,,-3,", "contact_days must be 1 or more"),
        ("l,,dormant_winback,,email,,,0", "recipe_days must be 1 or more"),
        ("l,,winback,,email,,,", 'recipe is "winback"; it is one of'),
        ("l,,dormant_winback,,fax,,,", 'channel is "fax"; it is one of email, line, dm'),
    ],
)
def test_wrong_lists(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_lists(tmp_path, line)
    assert "lists.csv: line 2: " in str(caught.value)
    assert words in str(caught.value)


def test_a_fault_in_one_file_leaves_all_plans_as_they_were(tmp_path: Path) -> None:
    load_lists(tmp_path, "l,,dormant_winback,,email,,,")
    with pytest.raises(ConfigurationError):
        load_lists(tmp_path, "l,,segment,no_such,email,,,")
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        for name in PLANS:
            connection.table(f"plans.{name}")
        assert connection.sql("select recipe from plans.promotion_lists").fetchall() == [
            ("dormant_winback",)
        ]
