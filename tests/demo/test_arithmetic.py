"""The registers' arithmetic against receipts that were worked by hand, and plain counting."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from demo.arithmetic import Amounts, Totals, allocate, settle

SAMPLE = Path(__file__).parents[1] / "sample" / "feeds" / "pos"
FIRST_VERSIONS = "A9010", "B9011", "A9012"
"""Receipts of the sample that came in two versions, and one that sends its tax itself."""
OWN_TAX = "A9033"


def amounts(lines: list[tuple], discount: list[int], points: list[int]) -> Amounts:
    """Lines as (receipt, amount, per cent, tax included, merchandise, revenue)."""
    receipt, amount, percent, included, goods, revenue = map(np.array, zip(*lines, strict=True))
    return Amounts(
        receipt, amount, percent, included, goods, revenue, np.array(discount), np.array(points)
    )


def one(*lines: tuple, discount: int = 0, points: int = 0) -> Totals:
    return settle(amounts([(0, *line) for line in lines], [discount], [points]))


@pytest.fixture(scope="module")
def sample() -> duckdb.DuckDBPyConnection:
    """The hand-made sample's receipts and lines, each in one version."""
    connection = duckdb.connect()
    for table in ("receipts", "receipt_lines", "products"):
        connection.execute(
            f"create view {table} as from read_csv('{SAMPLE}/{table}_*.csv', "
            "union_by_name = true, all_varchar = true)"
        )
    return connection


def test_worked_receipts_of_the_sample(sample: duckdb.DuckDBPyConnection) -> None:
    """Tax inside and outside, two rates, discounts, points, bags, weighed goods, gift cards,
    returns: totals and tax were worked out by hand."""
    left_out = ", ".join(f"'{name}'" for name in (*FIRST_VERSIONS, OWN_TAX))
    heads = sample.execute(
        "select distinct receipt_id, total_inc_tax::int, tax_total::int, discount_total::int, "
        f"points_used::int from receipts where receipt_id not in ({left_out}) and receipt_id in "
        "(select receipt_id from receipt_lines) and receipt_type in ('sale', 'return') order by 1"
    ).fetchall()
    place = {head[0]: number for number, head in enumerate(heads)}
    rows = sample.execute(
        "select distinct receipt_id, line_no::int, line_amount::int, "
        "round(coalesce(l.tax_rate, p.tax_rate)::double * 100)::int, tax_included::bool, "
        "coalesce(is_merchandise::bool, true) and line_type in ('sale', 'return'), "
        "line_type in ('sale', 'return', 'fee'), coalesce(discount_amount::int, 0) "
        "from receipt_lines l left join products p using (product_id) order by 1, 2"
    ).fetchall()
    rows = [row for row in rows if row[0] in place]
    discount = [head[3] for head in heads]
    for row in rows:
        discount[place[row[0]]] -= row[7]
    found = settle(
        amounts([(place[r[0]], *r[2:7]) for r in rows], discount, [head[4] for head in heads])
    )
    assert len(heads) > 60
    wrong = [
        head[:3]
        for head, total, tax in zip(heads, found.total, found.tax, strict=True)
        if head[1:3] != (total, tax)
    ]
    assert wrong == []


def test_tax_is_rounded_once_a_rate() -> None:
    """Three goods of 99 yen at 10 % outside: 29.7 is 29, not three times 9."""
    found = one(*[(99, 10, False, True, True)] * 3)
    assert (found.total[0], found.tax[0], found.net_sales[0]) == (326, 29, 297)


def test_a_return_mirrors_its_sale() -> None:
    sale = one((105, 8, True, True, True), (333, 10, True, True, True), discount=7, points=5)
    back = one((-105, 8, True, True, True), (-333, 10, True, True, True), discount=-7, points=-5)
    assert (back.total, back.tax, back.net_sales) == (-sale.total, -sale.tax, -sale.net_sales)
    assert (back.line_discount == -sale.line_discount).all()


def test_gift_cards_bear_no_tax_and_are_no_sales() -> None:
    found = one((3_000, 0, True, False, False), (110, 10, True, True, True))
    assert (found.total[0], found.tax[0], found.net_sales[0]) == (3_110, 10, 100)


def test_largest_remainder() -> None:
    """10 over 1 : 1 : 1 gives 4, 3, 3; the bag bears nothing; receipts do not mix."""
    lines = [(0, 50, 10, True, True, True)] * 3 + [(0, 5, 10, True, False, True)]
    lines += [(1, 30, 8, True, True, True), (1, 70, 8, True, True, True)]
    given = amounts(lines, [10, 9], [0, 0])
    assert allocate(given, given.discount).tolist() == [4, 3, 3, 0, 3, 6]


def test_an_exchange_gives_back_on_the_returned_side() -> None:
    given = amounts([(0, -100, 10, True, True, True), (0, 80, 10, True, True, True)], [-9], [0])
    assert allocate(given, given.discount).tolist() == [-9, 0]


def test_without_goods_every_line_bears() -> None:
    given = amounts([(0, 30, 10, True, False, True), (0, 10, 10, True, False, True)], [4], [0])
    assert allocate(given, given.discount).tolist() == [3, 1]
