"""What a press on a download button gives."""

from __future__ import annotations

import csv
import io

from dashboard.chapters import customers, segments
from dashboard.data import published
from dashboard.downloads import csv_of
from tests.conftest import Retailer

EVERYBODY = dict.fromkeys(
    ("store", "rfm_group", "lifecycle", "churn", "tier", "segment"), "all"
) | {"key": ""}


def rows_of(data: bytes) -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in data
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_all_customers_that_were_found_are_in_the_file(shown: Retailer) -> None:
    version = published(shown.home)
    assert version
    query = customers.LIST.format(found=customers.FOUND, order="net_sales_365d", limit="")
    rows = rows_of(csv_of(version, query, EVERYBODY))
    expected = shown.published("select count(*), sum(net_sales_365d) from marts.customer_360")[0]
    assert (len(rows), sum(float(row["net_sales_365d"]) for row in rows)) == expected


def test_a_segment_is_the_people_in_it_now(shown: Retailer) -> None:
    version = published(shown.home)
    assert version
    segment, customers_in_it = shown.published(
        "select segment_id, customers from marts.segment_summary order by 2 desc, 1 limit 1"
    )[0]
    rows = rows_of(csv_of(version, segments.PEOPLE, {"segment": segment}))
    assert len(rows) == customers_in_it > 0


def test_a_value_that_looks_like_sql_or_a_formula_does_no_harm(shown: Retailer) -> None:
    version = published(shown.home)
    assert version
    rows = rows_of(csv_of(version, "select $find as text", {"find": "=1+1'; drop table x"}))
    assert rows == [{"text": "'=1+1'; drop table x"}]


def test_a_value_that_looks_like_another_name_stays_as_it_is(shown: Retailer) -> None:
    version = published(shown.home)
    assert version
    rows = rows_of(
        csv_of(version, "select $find as a, $store as b", {"find": "$store", "store": "S"})
    )
    assert rows == [{"a": "$store", "b": "S"}]
