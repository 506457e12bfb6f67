"""The feeds as a dlt source: a resource a table, a dictionary a row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt

from benchmarks.usual_stack import TABLES

MEMBER_COLUMNS = {
    "会員番号": "member_id",
    "氏名": "name",
    "メール": "email",
    "電話番号": "phone",
    "生年月日": "birth_date",
    "性別": "gender",
    "都道府県": "prefecture",
    "市区町村": "city",
    "会員ランク": "tier",
    "所属店舗": "home_store_id",
    "入会日時": "joined_at",
    "退会日時": "left_at",
    "社内区分": "is_internal",
    "更新日時": "updated_at",
}


def load(feed: str, folder: Path, warehouse: Path) -> str:
    """Run the pipeline of a feed; what dlt says of it."""
    pipeline = dlt.pipeline(
        pipeline_name=f"usual_{feed}",
        pipelines_dir=str(warehouse.parent / "dlt"),
        destination=dlt.destinations.duckdb(str(warehouse)),
        dataset_name=f"raw_{feed}",
    )
    info = pipeline.run([_resource(folder, name) for name in TABLES[feed]])
    info.raise_on_failed_jobs()
    return str(info)


def _resource(folder: Path, name: str) -> Any:
    return dlt.resource(_rows(folder, name), name=name, write_disposition="replace")


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    encoding = "cp932" if name == "members" else "utf-8"
    for file in sorted(folder.glob(f"{name}_[0-9]*.csv")):
        with file.open(encoding=encoding, newline="") as stream:
            for row in csv.DictReader(stream):
                if name == "members":
                    row = {MEMBER_COLUMNS[k]: v for k, v in row.items() if k in MEMBER_COLUMNS}
                yield row | {"file": file.name}
