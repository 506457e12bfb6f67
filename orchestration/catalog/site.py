"""dbt's documentation as one page that needs no server and asks for nothing.

dbt's own page shows a manifest and a catalog. The manifest is the project as it is parsed, with the
SQL of each model compiled for the published date. The catalog is made by dbt as well, on a
warehouse with the tables of the current one and no row in them: nothing personal can come into the
page, and neither the current warehouse nor a run is held up for longer than it takes to read names.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from ingestion.engine import connect
from orchestration.aside import invoke
from orchestration.home import Home
from orchestration.marts_file import of_current
from orchestration.project import load_parsed
from orchestration.publication import read_manifest as read_published

PAGE = "index.html"
_MANIFEST_MARK, _CATALOG_MARK = '"MANIFEST.JSON INLINE DATA"', '"CATALOG.JSON INLINE DATA"'
_HEAD = re.compile(r"<link rel=\"(?:canonical|shortcut icon)\"[^>]*>")
"""Addresses in dbt's page that lead nowhere."""
_ICONS = ('xlink:href="{{', 'ng-attr-xlink:href="{{')
"""A browser would fetch the template itself before it is filled in."""
_TITLE = "<title>Tokui: every table</title>"
_OWN_PACKAGE = "tokui"
_MACHINE = ("root_path", "build_path", "compiled_path", "created_at")
"""What a manifest says of the machine that it was made on, in its nodes."""


def write_site(home: Home, folder: Path) -> Path:
    """Write the page into a folder, which is made if need be; its path.

    Raises:
        RuntimeError: dbt could not make its part.
    """
    with tempfile.TemporaryDirectory() as scratch:
        manifest, catalog = _documented(home, Path(scratch))
    text = _page(_cleaned(manifest), _with_rows(catalog, home))
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / PAGE
    temporary = folder / f".{PAGE}.tmp"
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, page)
    return page


def _documented(home: Home, scratch: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """dbt's manifest with compiled models, and its catalog."""
    warehouse = scratch / home.current.name
    for file in (home.current, of_current(home)):
        copy_shape(file, warehouse)
    project = load_parsed()
    head = read_published(home)
    variables = {"as_of_date": head["as_of"]} if head else {}
    result = invoke(project, warehouse, ["docs", "generate"], variables)
    if not result.success:
        raise RuntimeError(f"dbt could not document the project: {result.exception}")
    return project.writable_manifest().to_dict(), result.result.to_dict()


def copy_shape(current: Path | None, target: Path) -> None:
    """Add tables and views of a file to another without their rows; nothing where it is none."""
    columns: dict[tuple[str, str, bool], list[str]] = {}
    if current is not None and current.exists():
        with connect(current, read_only=True) as connection:
            for schema, table, is_view, column, kind in connection.execute(_SHAPE).fetchall():
                columns.setdefault((schema, table, is_view), []).append(
                    f'cast(null as {kind}) as "{column}"'
                )
    with connect(target) as connection:
        for (schema, table, is_view), cells in columns.items():
            kind = "view" if is_view else "table"
            connection.execute(f'create schema if not exists "{schema}"')
            connection.execute(
                f'create {kind} "{schema}"."{table}" as select {", ".join(cells)} limit 0'
            )


_SHAPE = """
    select c.schema_name, c.table_name, v.view_name is not null, c.column_name, c.data_type
    from duckdb_columns() as c
    left join duckdb_views() as v
        on c.schema_name = v.schema_name and c.table_name = v.view_name
    where not c.internal
    order by c.schema_name, c.table_name, c.column_index
"""


def _with_rows(catalog: dict[str, Any], home: Home) -> dict[str, Any]:
    """The catalog with the number of rows of each published table."""
    head = read_published(home)
    for node in catalog["nodes"].values() if head else ():
        rows = head["tables"].get(node["metadata"]["name"], {}).get("rows")
        if rows is not None and node["metadata"]["schema"] == "marts":
            node["stats"] = _stats(rows, head["as_of"])
    return catalog


def _stats(rows: int, as_of: str) -> dict[str, Any]:
    shown = {"rows": ("Rows", rows), "as_of": ("As of", as_of)}
    stats: dict[str, Any] = {
        name: {"id": name, "label": label, "value": value, "include": True, "description": label}
        for name, (label, value) in shown.items()
    }
    has = {"id": "has_stats", "label": "Has Stats?", "value": True, "include": False}
    return stats | {"has_stats": has | {"description": ""}}


def _cleaned(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest without other packages' macros and without what names a machine or a person."""
    metadata = manifest["metadata"]
    metadata |= {"send_anonymous_usage_stats": False, "user_id": None, "env": {}}
    metadata |= {"project_id": None, "invocation_id": None}
    manifest["macros"] = {
        name: macro
        for name, macro in manifest["macros"].items()
        if macro["package_name"] == _OWN_PACKAGE
    }
    for node in manifest["nodes"].values():
        for name in _MACHINE:
            node.pop(name, None)
    # The page cuts labels into two pieces and loses a plain space between them.
    for one in (*manifest["metrics"].values(), *manifest["exposures"].values()):
        one["label"] = (one["label"] or one["name"]).replace(" ", "\u00a0")
    return manifest


def _page(manifest: dict[str, Any], catalog: dict[str, Any]) -> str:
    """dbt's page with both in it."""
    from dbt.task.docs import DOCS_INDEX_FILE_PATH

    text = _HEAD.sub("", Path(DOCS_INDEX_FILE_PATH).read_text(encoding="utf-8"), count=2)
    text = text.replace("<title>dbt Docs</title>", _TITLE, 1).replace(*_ICONS)
    for mark, content in ((_MANIFEST_MARK, manifest), (_CATALOG_MARK, catalog)):
        if mark not in text:
            raise RuntimeError("dbt's page has no place for the documentation; its version changed")
        text = text.replace(mark, _inline(content))
    return text


def _inline(content: dict[str, Any]) -> str:
    """JSON that a script element may hold: nothing in it ends the element."""
    return json.dumps(content, ensure_ascii=False, default=str).replace("</", "<\\/")
