"""Queries, settings and programs that the pages show are run as they stand there."""

from __future__ import annotations

import io
import re
from contextlib import chdir, redirect_stdout
from pathlib import Path

import duckdb
import pytest

from expectations.thresholds import check_overrides
from ingestion.settings import load_settings
from tests.docs import registry
from tests.docs.markdown import ROOT, Block, pages
from tests.docs.sandbox import Sandbox

KNOWN = {"sh", "sql", "toml", "python", "csv", "text", "", "pgsql", "mermaid", "nginx", "json"}


def blocks_of(language: str) -> list[Block]:
    return [block for page in pages() for block in page.blocks if block.language == language]


def named(block: Block) -> str:
    return block.place


def test_every_block_is_of_a_kind_that_a_test_knows() -> None:
    other = {block.place: block.language for page in pages() for block in page.blocks}
    assert not {place: language for place, language in other.items() if language not in KNOWN}


@pytest.mark.parametrize("block", blocks_of("sql"), ids=named)
def test_a_query_runs_on_what_is_published_and_finds_something(
    block: Block, sandbox: Sandbox
) -> None:
    file = sandbox.root / "warehouse" / "demo" / "published" / "crm.duckdb"
    with duckdb.connect(str(file), read_only=True) as published:
        for statement in published.extract_statements(block.text):
            found = published.execute(statement).fetchone()
            is_empty = any(words in block.text for words in registry.EMPTY)
            assert found is not None or is_empty, statement.query


def test_statements_for_postgres_are_run_where_there_is_a_server() -> None:
    for block in blocks_of("pgsql"):
        assert (ROOT / registry.PGSQL[block.page]).exists(), block.place


@pytest.mark.parametrize("block", blocks_of("toml"), ids=named)
def test_settings_on_a_page_are_settings(block: Block, tmp_path: Path) -> None:
    config = tmp_path / "tokui.toml"
    config.write_text(block.text, encoding="utf-8")
    for name in re.findall(r'"([\w/]+\.csv)"', block.text):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    check_overrides(config, load_settings(config).gates)


@pytest.mark.parametrize("block", blocks_of("python"), ids=named)
def test_a_program_on_a_page_runs(block: Block, sandbox: Sandbox) -> None:
    if block.page in registry.OTHER_PYTHON:
        compile(block.text, block.place, "exec")
        return
    with chdir(sandbox.root), redirect_stdout(io.StringIO()):
        exec(compile(block.text, block.place, "exec"), {"__name__": "page"})
