"""A first look into a file: how it is written, its header, and its first rows."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingestion.discovery import COMPRESSIONS, ENDINGS, MARKER, why_left_alone
from ingestion.errors import FileProblemError
from ingestion.reading.kinds import is_utf16, refuse_other_kind

_CHUNK = 1 << 20
_CHUNKS = 64
"""So many MiB decide what the encoding is."""
_ROWS = 5_000
_JSON_ROWS = 100
_DELIMITERS = (",", "\t", ";", "|")


@dataclass(frozen=True)
class Look:
    """What was seen of a file. `name` is its path below the folder; `problem` is why no more."""

    name: str
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    encoding: str = "utf-8"
    delimiter: str = ","
    problem: str = ""

    def column(self, header: str) -> list[str]:
        """Values below a header, in the first rows; empty ones left out."""
        if header not in self.header:
            return []
        index = self.header.index(header)
        return [row[index].strip() for row in self.rows if len(row) > index and row[index].strip()]


def look_around(folder: Path) -> list[Look]:
    """All files below a folder, hidden ones and markers left out, in the order of their names."""
    return [
        look(path, path.relative_to(folder).as_posix())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.suffix != MARKER
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def look(path: Path, name: str) -> Look:
    """Look into one file."""
    packed = next((end for end in COMPRESSIONS if name.lower().endswith(end)), "")
    ending = Path(name.lower().removesuffix(packed)).suffix
    if ending not in ENDINGS:
        return Look(name, problem=why_left_alone(name))
    try:
        if ending == ".parquet":
            return _parquet(path, name)
        if ending in (".jsonl", ".ndjson"):
            return _json_lines(path, name, packed)
        return _csv(path, name, packed, ending)
    except FileProblemError as problem:
        return Look(name, problem=problem.message)
    except (OSError, EOFError, ValueError, csv.Error, zlib.error, _zstd_error()) as error:
        return Look(name, problem=f"it cannot be read ({type(error).__name__}): export it again")


def _zstd_error() -> type[Exception]:
    from zstandard import ZstdError

    return ZstdError


def _csv(path: Path, name: str, packed: str, ending: str) -> Look:
    start = next(_chunks(path, packed), b"")
    refuse_other_kind(name, start)
    encoding = "UTF-16" if is_utf16(start) else _encoding(path, packed)
    if encoding not in ("utf-8", "cp932"):
        return Look(name, problem=f"it is {encoding}: export it as UTF-8 or CP932")
    text = start.removeprefix(codecs.BOM_UTF8).decode(encoding, errors="ignore")
    delimiter = "\t" if ending == ".tsv" else _delimiter(text)
    rows = []
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        rows.append(tuple(row))
        if len(rows) > _ROWS:
            break
    if len(start) >= _CHUNK:
        rows = rows[:-1] or rows  # The last may be cut.
    header = tuple(cell.strip(" \t\r\n\u3000") for cell in rows[0]) if rows else ()
    return Look(name, header, tuple(rows[1:]), encoding, delimiter)


def _json_lines(path: Path, name: str, packed: str) -> Look:
    start = next(_chunks(path, packed), b"")
    lines = start.removeprefix(codecs.BOM_UTF8).split(b"\n")
    if len(start) >= _CHUNK:
        lines = lines[:-1] or lines  # The last may be cut.
    found = [json.loads(line) for line in lines[:_JSON_ROWS] if line.strip()]
    if not all(isinstance(row, dict) for row in found):
        raise FileProblemError(name, "a line is no JSON object: write one object a line")
    header = tuple(dict.fromkeys(key for row in found for key in row))
    rows = tuple(tuple("" if row.get(k) is None else str(row[k]) for k in header) for row in found)
    return Look(name, header, rows)


def _parquet(path: Path, name: str) -> Look:
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(path)
    batch = next(file.iter_batches(_ROWS), None)
    header = tuple(file.schema_arrow.names)
    found = batch.to_pylist() if batch is not None else []
    rows = tuple(tuple("" if row[k] is None else str(row[k]) for k in header) for row in found)
    return Look(name, header, rows)


def _chunks(path: Path, packed: str) -> Iterator[bytes]:
    """The first bytes of a file, unpacked."""
    import zstandard

    with path.open("rb") as stream:
        plain = {
            "": lambda: stream,
            ".gz": lambda: gzip.GzipFile(fileobj=stream),
            ".zst": lambda: zstandard.ZstdDecompressor().stream_reader(stream),
        }[packed]()
        for _ in range(_CHUNKS):
            chunk = plain.read(_CHUNK)
            if not chunk:
                return
            yield chunk


def _encoding(path: Path, packed: str) -> str:
    """The first encoding that all bytes fit; EUC-JP fits CP932 too, as half-width kana."""
    left = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8", "cp932")}
    wide, letters = 0, 0
    for chunk in _chunks(path, packed):
        for name, decoder in list(left.items()):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError:
                del left[name]
                continue
            if name == "cp932":
                foreign = [letter for letter in text if letter > "\x7f"]
                letters += len(foreign)
                wide += sum(not "\uff61" <= letter <= "\uff9f" for letter in foreign)
    if "utf-8" in left:
        return "utf-8"
    if "cp932" not in left:
        return "of an encoding that is not known"
    return "EUC-JP" if letters and wide * 3 < letters and _fits(path, packed, "euc_jp") else "cp932"


def _fits(path: Path, packed: str, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in _chunks(path, packed):
            decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(text: str) -> str:
    """What splits the first line into most columns."""
    first = text.partition("\n")[0]
    return max(_DELIMITERS, key=lambda sign: len(next(csv.reader([first], delimiter=sign), [])))
