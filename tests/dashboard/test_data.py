"""Which version a page is made of, what it may ask for, and what is downloaded."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import duckdb
import pytest

from dashboard.data import ROWS_AT_MOST, TooManyRowsError, published
from orchestration.home import Home
from tests.conftest import Retailer
from tests.dashboard.drawing import captions, drawn, errors


def test_without_a_publication_a_page_says_what_to_do(tmp_path: Path) -> None:
    os.environ["TOKUI_HOME"] = str(tmp_path)
    page = drawn("overview")
    assert not errors(page)
    assert "tokui refresh" in page.info[0].value


def test_a_version_whose_folder_is_gone_is_not_shown(shown: Retailer, tmp_path: Path) -> None:
    home = only_published(shown, tmp_path)
    shutil.rmtree(home.versions)
    assert published(home) is None


def test_the_next_page_is_of_the_next_version(shown: Retailer, tmp_path: Path) -> None:
    home = only_published(shown, tmp_path)
    os.environ["TOKUI_HOME"] = str(home.root)
    before = published(home)
    page = drawn("overview")
    publish_again(home, "20991231T000000000000Z-next")
    after = published(home)
    page.run()
    assert before and after
    assert any(after.name in line for line in captions(page))
    query = "select version from ops.publication"
    assert after.row(query)["version"] == after.name
    assert before.row(query)["version"] == before.name  # Whoever began with it ends with it.


def test_a_query_that_gives_too_much_is_refused(shown: Retailer) -> None:
    version = published(shown.home)
    assert version
    assert len(version.rows("select * from range($n)", n=ROWS_AT_MOST)) == ROWS_AT_MOST
    with pytest.raises(TooManyRowsError):
        version.rows("select * from range($n)", n=ROWS_AT_MOST + 1)


def test_a_page_cannot_write(shown: Retailer) -> None:
    version = published(shown.home)
    assert version
    with version.cursor() as cursor, pytest.raises(duckdb.Error):
        cursor.execute("create table marts.mine as select 1")


def only_published(retailer: Retailer, root: Path) -> Home:
    """A home with a copy of the published version and nothing else."""
    home = Home(root)
    shutil.copytree(retailer.home.published, home.published, symlinks=True)
    return home


def publish_again(home: Home, name: str) -> None:
    """Another version, as a run leaves it: its folder first, then the manifest."""
    manifest = json.loads(home.manifest.read_text(encoding="utf-8"))
    folder = home.versions / name
    shutil.copytree(home.versions / manifest["version"], folder)
    (folder / "crm.duckdb").chmod(0o644)
    with duckdb.connect(str(folder / "crm.duckdb")) as connection:
        connection.execute("update ops.publication set version = ?", [name])
    home.manifest.write_text(json.dumps(manifest | {"version": name}), encoding="utf-8")
