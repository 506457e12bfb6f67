"""The comparison says what differs: the key, both values, how many rows."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.recomputation.comparison import assert_same

PUBLISHED = pd.DataFrame(
    {
        "key": ["a", "b", "c"],
        "amount": [1.0, 2.5, None],
        "name": ["x", None, "z"],
        "on": pd.to_datetime(["2024-01-01", None, "2024-01-03"]),
        "flag": [True, False, True],
    }
)


def changed(row: int, column: str, value: object) -> pd.DataFrame:
    table = PUBLISHED.copy().astype({"flag": object})
    table.loc[row, column] = value
    return table


def test_equal_tables_agree_in_any_order() -> None:
    assert_same(PUBLISHED, PUBLISHED.iloc[::-1], ["key"])


def test_a_unit_of_the_ninth_place_is_rounding() -> None:
    assert_same(PUBLISHED, changed(0, "amount", 1.000000001), ["key"])


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        (0, "amount", 1.00000001),
        (1, "amount", 2.51),
        (2, "amount", 0.0),
        (0, "amount", None),
        (1, "name", ""),
        (0, "on", None),
        (0, "flag", False),
    ],
)
def test_a_value_that_differs_is_told_with_its_key(row: int, column: str, value: object) -> None:
    with pytest.raises(AssertionError) as failure:
        assert_same(PUBLISHED, changed(row, column, value), ["key"], "things")
    assert f"things: 1 of 3 rows differ in {column}" in str(failure.value)
    assert f"key={PUBLISHED.key[row]}" in str(failure.value)


def test_rows_of_one_side_are_told() -> None:
    with pytest.raises(AssertionError, match="1 of 3 rows are published alone\n    key=c"):
        assert_same(PUBLISHED, PUBLISHED.head(2), ["key"])
    with pytest.raises(AssertionError, match="1 of 3 rows are recomputed alone\n    key=c"):
        assert_same(PUBLISHED.head(2), PUBLISHED, ["key"])


def test_two_rows_of_one_key_are_told() -> None:
    with pytest.raises(AssertionError, match="1 rows of the recomputed table"):
        assert_same(PUBLISHED, pd.concat([PUBLISHED, PUBLISHED.head(1)]), ["key"])
