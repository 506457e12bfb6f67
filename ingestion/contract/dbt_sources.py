"""Writes what dbt and people need to know of the feed contract, so that it is said once.

What belongs here: the sources' YAML, one doc block a column, the keys of the tables as a
macro, the page `docs/feed-contract.md`.
What does not: the `ledger` source (it is no feed) and the staging models (they are written by
hand; their columns take their descriptions from the doc blocks).

    python -m ingestion.contract.dbt_sources            write the files
    python -m ingestion.contract.dbt_sources --check    exit 1 if the committed files differ
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ingestion.contract import FEEDS, all_tables
from ingestion.contract.model import PROVENANCE, Column, Feed, Table
from ingestion.contract.page import render_page

DBT_PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
COMMAND = "python -m ingestion.contract.dbt_sources"

_PROVENANCE_DESCRIPTIONS = {
    "_extra": "JSON of the columns that the contract does not know; empty when there are none.",
    "_file": "Name of the file that brought the row.",
    "_line": "Line of the row in its file.",
    "_load_id": "Id of the load that brought the row.",
}


def render_all() -> dict[Path, str]:
    """Every generated file, by its path in the dbt project."""
    files = {
        Path("models/staging", feed.name, "_sources.yml"): render_sources(feed)
        for feed in FEEDS.values()
    }
    files[Path("models/staging/_contract_columns.md")] = render_doc_blocks()
    files[Path("macros/contract_tables.sql")] = render_contract_macro()
    files[Path("../docs/feed-contract.md")] = render_page(COMMAND)
    return files


def render_sources(feed: Feed) -> str:
    """The dbt source of a feed: its raw tables with every column."""
    lines = [
        f"# Made by `{COMMAND}` from the feed contract; change the contract instead.",
        "version: 2",
        "",
        "sources:",
        f"  - name: {feed.dataset}",
        f"    schema: {feed.dataset}",
        f"    description: {_quoted(feed.description)}",
        "    tables:",
    ]
    for table in feed.tables:
        lines += _source_table(table)
    return "\n".join(lines) + "\n"


def render_doc_blocks() -> str:
    """One doc block a raw column; sources and staging models refer to them."""
    blocks = [
        "# Columns of the feed contract",
        f"Made by `{COMMAND}` from the feed contract; change the contract instead.",
    ]
    for name, description in _PROVENANCE_DESCRIPTIONS.items():
        blocks.append(_doc_block(f"provenance_{name}", description))
    for table in all_tables():
        for name in table.raw_columns:
            if name not in PROVENANCE:
                blocks.append(_doc_block(doc_name(table, name), describe(table, name)))
    return "\n\n".join(blocks) + "\n"


def render_contract_macro() -> str:
    """A macro that returns what staging needs to pick the winning version of a row, by table."""
    entries = [
        f"        '{table.qualified_name}': {_contract_entry(table)}," for table in all_tables()
    ]
    return "\n".join(
        [
            "{#",
            f"    Made by `{COMMAND}` from the feed contract; change the contract instead.",
            "    Key, version column and parent of every raw table.",
            "#}",
            "{% macro contract_tables() %}",
            "    {% do return({",
            *entries,
            "    }) %}",
            "{% endmacro %}",
            "",
        ]
    )


def doc_name(table: Table, column: str) -> str:
    """Name of the doc block of a raw column."""
    if column in PROVENANCE:
        return f"provenance_{column}"
    return f"{table.dataset}__{table.name}__{column}"


def describe(table: Table, column: str) -> str:
    """Description of a raw column, hashes and identity keys included."""
    if column in table.identity_keys:
        return f"Identity key. {table.identity_keys[column]}"
    for declared in table.columns:
        if column == declared.name:
            return declared.description
        if column == declared.hash_name:
            return _describe_hash(declared)
    raise KeyError(f"{table.qualified_name} has no column {column}")


def stale_files(project: Path) -> list[Path]:
    """Generated files whose committed text is not what the contract gives."""
    return [
        path
        for path, text in render_all().items()
        if not (project / path).is_file() or (project / path).read_text(encoding="utf-8") != text
    ]


def write_files(project: Path) -> None:
    """Write every generated file into the dbt project."""
    for path, text in render_all().items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 on a difference")
    if not parser.parse_args(arguments).check:
        write_files(DBT_PROJECT)
        return 0
    stale = stale_files(DBT_PROJECT)
    for path in stale:
        print(f"{path} differs from the feed contract; run {COMMAND}", file=sys.stderr)
    return 1 if stale else 0


def _source_table(table: Table) -> list[str]:
    lines = [
        f"      - name: {table.name}",
        f"        description: {_quoted(table.description + ' Every version that arrived.')}",
        "        columns:",
    ]
    for name, kind in table.raw_columns.items():
        lines += [
            f"          - name: {name}",
            f"            data_type: {kind.value.lower()}",
            f"            description: '{{{{ doc(\"{doc_name(table, name)}\") }}}}'",
        ]
    return lines


def _doc_block(name: str, text: str) -> str:
    return f"{{% docs {name} %}}{text}{{% enddocs %}}"


def _describe_hash(column: Column) -> str:
    return f"Keyed hash of {column.name}. {column.description}"


def _contract_entry(table: Table) -> str:
    key = ", ".join(f"'{name}'" for name in table.key)
    return (
        f"{{'key': [{key}], 'version_at': {_jinja(table.version_at)}, "
        f"'parent_key': {_jinja(table.parent_key)}, "
        f"'nullable_key': {str(table.nullable_key).lower()}}}"
    )


def _jinja(value: str | None) -> str:
    return "none" if value is None else f"'{value}'"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
