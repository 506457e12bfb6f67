"""Everything that a home holds, as text: tables and Parquet exported, logs and blobs unpacked.

What is left out is where personal values may stand: the feeds and the truth of the demo, schema
`pii` of a database, and landed files on their way to it.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import sqlite3
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import zstandard

from ingestion.engine import literal

PERSONAL_FOLDERS = {"feeds", "truth"}
_ESCAPED = re.compile(r"\\+u([0-9a-fA-F]{4})")
_SPACES = re.compile(r"[ \t\u3000]+")


def exported(root: Path, before: Path | None = None) -> Iterator[tuple[str, str]]:
    """(where, text) of each part below a folder that must be free of personal values.

    Files with the same bytes, as what is served and its version, are unpacked once. Those that the
    folder `before` holds as well are left out: they cannot tell what came since.
    """
    known: dict[bytes, list[tuple[str, str]]] = {}
    for path in before.rglob("*") if before else ():
        if path.is_file():
            known[_digest(path)] = []
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        may_hold = name.parts[0] in PERSONAL_FOLDERS or path.name.startswith("pii.")
        if path.is_file() and not may_hold:
            digest = _digest(path)
            if digest not in known:
                known[digest] = list(texts_of(path, ""))
            yield from ((f"{name}{part}", text) for part, text in known[digest])


def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def texts_of(path: Path, name: str) -> Iterator[tuple[str, str]]:
    """(where, text) of each part of a file."""
    content = path.read_bytes()
    if path.suffix == ".duckdb":
        yield from _of_database(path, name)
    elif content.startswith(b"PAR1"):
        with duckdb.connect() as connection:
            yield name, _of_relation(connection, f"read_parquet({literal(str(path))})")
    elif content.startswith(b"SQLite format 3"):
        yield from _of_sqlite(path, name)
    else:
        yield name, plain(_unpacked(content))


def personal_texts(database: Path) -> str:
    """Schema `pii` of a database: where a personal value may stand."""
    return "\n".join(text for _, text in _of_database(database, "", is_personal=True))


def plain(text: str | bytes) -> str:
    """One spelling of a text: no escapes, no widths, no case, no spaces within a line."""
    text = text.decode(errors="ignore") if isinstance(text, bytes) else text
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return _SPACES.sub("", unicodedata.normalize("NFKC", text).casefold())


def _of_database(path: Path, name: str, is_personal: bool = False) -> Iterator[tuple[str, str]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() union all "
            "select schema_name, view_name from duckdb_views() where not internal order by all"
        ).fetchall()
        for schema, table in tables:
            if (schema == "pii") == is_personal:
                text = _of_relation(connection, f'"{schema}"."{table}"')
                yield f"{name}:{schema}.{table}", text


def _of_relation(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    """The different values of every column, a line each; one query for all columns."""
    columns = connection.execute(f"describe from {relation}").fetchall()
    lists = ", ".join(f'list(distinct cast("{column}" as varchar))' for column, *_ in columns)
    found = connection.execute(f"select {lists} from {relation}").fetchone()
    assert found is not None
    return plain("\n".join(str(value) for values in found for value in values or ()))


def _of_sqlite(path: Path, name: str) -> Iterator[tuple[str, str]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
    for (table,) in tables:
        cells = (cell for row in connection.execute(f'select * from "{table}"') for cell in row)
        yield (
            f"{name}:{table}",
            "\n".join(
                plain(_unpacked(cell) if isinstance(cell, bytes) else str(cell)) for cell in cells
            ),
        )
    connection.close()


def _unpacked(content: bytes) -> bytes:
    if content.startswith(b"\x1f\x8b"):
        return gzip.decompress(content)
    if content.startswith(b"\x28\xb5\x2f\xfd"):
        return zstandard.ZstdDecompressor().decompressobj().decompress(content)
    try:
        return zlib.decompress(content)
    except zlib.error:
        return content
