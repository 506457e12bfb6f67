"""Defect 14, a README that claims bounces where the model has none: documented columns exist.

dbt's contracts hold the models to their `.yml` files; here the pages of `docs/metrics` are held to
them. A table there whose first column is headed "column" or "rate" names columns, `*` for several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "metrics").glob("*.md"))


@cache
def _columns() -> set[str]:
    files = (ROOT / "dbt_project" / "models" / "marts").glob("*.yml")
    documents = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    models = [model for document in documents for model in document.get("models", ())]
    return {column["name"] for model in models for column in model["columns"]}


def _documented(page: Path) -> Iterator[str]:
    is_of_columns = False
    before = ""
    for line in page.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) < 3:
            is_of_columns = False
        elif "|" not in before:
            is_of_columns = cells[1] in ("column", "rate")
        elif is_of_columns:
            yield from re.findall(r"`([a-z_0-9*]+)`", cells[1])
        before = line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_documented_columns_exist(page: Path) -> None:
    columns = _columns()
    missing = {
        name for name in _documented(page) if not any(fnmatch(column, name) for column in columns)
    }
    assert not missing, f"{page.name} names columns that no published table has"


def test_the_pages_name_columns() -> None:
    assert {"hard_bounce_rate", "first_reply_min_*"} <= {
        name for page in PAGES for name in _documented(page)
    }
