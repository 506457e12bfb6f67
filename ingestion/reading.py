"""Files in, text columns out: every file becomes rows of a scratch table with file and line.

CSV is read by DuckDB in strict mode. Where that refuses a file, or where the count of lines shows
that lines and rows differ (quoted line breaks, blank lines), Python's own reader takes that one
file with care: it knows each row's line and which rows are broken. The header is read and compared
with the contract before any row is.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import itertools
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ingestion.contract import Table
from ingestion.discovery import FoundFile
from ingestion.engine import literal, values_rows
from ingestion.errors import FileProblemError
from ingestion.settings import ENCODINGS, FileFormat

if TYPE_CHECKING:
    import duckdb

MAX_FIELD = 1 << 20
_CHUNK = 1 << 20
_BOMB_BYTES, _BOMB_RATIO = 256 << 20, 500
"""An archive that grows beyond both is no export: real ones shrink to a tenth or a fiftieth."""
_BATCH = 50_000
_BROKEN_TO_REFUSE = 1000
_NAMES_IN_MESSAGE = 20


@dataclass(frozen=True)
class Layout:
    """The header of a file: position of each contract column, and the columns that are unknown.

    For Parquet and JSON Lines, `positions` holds the file's own column names instead of numbers.
    """

    ending: str
    width: int
    positions: tuple[tuple[str, str], ...]
    extra: tuple[tuple[str, str], ...]
    types: tuple[tuple[str, str], ...] = ()

    def source_of(self, column: str) -> str | None:
        return dict(self.positions).get(column)


@dataclass(frozen=True)
class BrokenRow:
    """A row that could not be split into columns: its file, line and why."""

    file: str
    line: int
    reason: str
    payload: str
    is_short: bool = False


@dataclass
class Part:
    """Rows of files with one layout, in the scratch table `name` (columns, `_file`, `_line`)."""

    name: str
    layout: Layout
    files: list[str]
    broken: list[BrokenRow] = field(default_factory=list)


class Reader:
    """Reads the files of one table into the scratch database.

    Raises (every method that reads): FileProblemError.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: Table,
        file_format: FileFormat,
        scratch: Path,
    ) -> None:
        self.connection, self.table, self.format, self.scratch = (
            connection,
            table,
            file_format,
            scratch,
        )
        self._parts = 0

    def read(self, file: FoundFile) -> tuple[Path, Layout, int | None]:
        """Decode a file and compare its header.

        Returns the readable file, its layout, and its number of line ends (None: not text).
        """
        if file.ending == ".parquet":
            path = self._plain_bytes(file)
            return path, self._parquet_layout(file, path), None
        path = self._as_utf8(file)
        if file.ending in (".jsonl", ".ndjson"):
            _refuse_cut_off_json(file, path)
            return path, self._json_layout(), None
        return path, self._csv_layout(file, path), _count_line_ends(path)

    def stage(self, files: list[tuple[FoundFile, Path, Layout, int | None]]) -> list[Part]:
        """Read files whose headers were compared; one part for each layout, or file if need be."""
        parts: list[Part] = []
        by_layout: dict[Layout, list[tuple[FoundFile, Path, int | None]]] = {}
        for file, path, layout, line_ends in files:
            by_layout.setdefault(layout, []).append((file, path, line_ends))
        for layout, members in by_layout.items():
            if layout.ending == ".parquet":
                parts.append(self._stage_parquet(layout, members))
            elif layout.ending == ".jsonl":
                parts.append(self._stage_json(layout, members))
            else:
                parts.extend(self._stage_csv(layout, members))
        return parts

    def _new_name(self) -> str:
        self._parts += 1
        return f"part_{self.table.dataset}_{self.table.name}_{self._parts}"

    def _delimiter(self, file: FoundFile) -> str:
        return "\t" if file.ending == ".tsv" else self.format.delimiter

    def _target(self, file: FoundFile) -> Path:
        self.scratch.mkdir(parents=True, exist_ok=True)
        return self.scratch / f"{file.sha256[:16]}_{self.table.name}{file.ending}"

    def _plain_bytes(self, file: FoundFile) -> Path:
        if file.compression is None:
            return self._addressable(file)
        target = self._target(file)
        with target.open("wb") as out:
            out.writelines(_chunks(file))
        return target

    def _addressable(self, file: FoundFile) -> Path:
        """The file itself, or a link to it where DuckDB would take its path for a pattern."""
        assert file.local is not None
        if not set("*?[") & set(str(file.local)):
            return file.local
        target = self._target(file)
        target.unlink(missing_ok=True)
        target.symlink_to(file.local.absolute())
        return target

    def _as_utf8(self, file: FoundFile) -> Path:
        """A UTF-8 copy without byte-order mark; the file itself where it is that already."""
        encoding = ENCODINGS[self.format.encoding.lower()]
        start = next(_chunks(file), b"")
        is_marked = start.startswith(codecs.BOM_UTF8)
        if encoding == "cp932":
            self._refuse_utf8(file, is_marked)
        elif file.compression is None and not is_marked:
            for _ in self._decoded(file, "utf-8"):
                pass
            return self._addressable(file)
        target = self._target(file)
        with target.open("w", encoding="utf-8", newline="") as out:
            out.writelines(self._decoded(file, encoding))
        return target

    def _refuse_utf8(self, file: FoundFile, is_marked: bool) -> None:
        """UTF-8 often decodes as CP932 too, to wrong letters, so it is looked for before.

        Half-width kana of CP932 can be UTF-8 of two bytes by chance, but not of three.
        """
        if is_marked:
            told = "the file begins with a UTF-8 byte-order mark"
        elif _has_three_byte_utf8(file):
            told = "the file is UTF-8"
        else:
            return
        raise FileProblemError(
            file.name,
            f"{told} but its encoding is set to cp932. Set encoding = "
            f'"utf-8" {self._for_this_table()}.',
            lines=(1,) if is_marked else (),
        )

    def _decoded(self, file: FoundFile, encoding: str) -> Iterator[str]:
        """The text of a file, in chunks; refused at the first byte that is none."""
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        line_ends = 0
        try:
            for chunk in _chunks(file):
                yield decoder.decode(chunk)
                line_ends += chunk.count(b"\n")
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            line = line_ends + error.object[: error.start].count(b"\n") + 1
            raise self._undecodable(file, encoding, error, line) from error

    def _undecodable(
        self, file: FoundFile, encoding: str, error: UnicodeDecodeError, line: int
    ) -> FileProblemError:
        """Where the encoding first fails, and which other one would read the file."""
        other = "cp932" if encoding != "cp932" else "utf-8"
        start = next(_chunks(file), b"")
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            hint = "It is UTF-16: export it as UTF-8."
        elif error.end == len(error.object) and "unexpected end" in error.reason:
            hint = "It ends in the middle of a character: it was cut off. Copy it again."
        elif _decodes(_chunks(file), other):
            hint = f'It reads as {other}: set encoding = "{other}" {self._for_this_table()}.'
        else:
            hint = "No encoding that Tokui knows reads it: export the file again."
        configured = self.format.encoding.lower()
        return FileProblemError(file.name, f"the bytes are not {configured}. {hint}", lines=(line,))

    def _for_this_table(self) -> str:
        return f"under [feeds.{self.table.feed_name}.tables.{self.table.name}] in tokui.toml"

    def _csv_layout(self, file: FoundFile, path: Path) -> Layout:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream, delimiter=self._delimiter(file), strict=True)
            try:
                header = next(reader, [])
            except csv.Error as error:
                raise FileProblemError(
                    file.name, f"the header cannot be read: {error}", lines=(1,)
                ) from error
        if not header:
            raise FileProblemError(
                file.name,
                "the file is empty, it has not even a header. Export it again; if there was "
                "nothing to export, a file with a header alone is right."
                if not _count_line_ends(path)
                else "the first line is blank and not a header. Export it again.",
                lines=(1,) if _count_line_ends(path) else (),
            )
        names = [
            name.strip(" \t\r\n\u3000") or f"column_{position}"
            for position, name in enumerate(header, start=1)
        ]
        self._refuse_other_delimiter(file, names)
        positions, extra = self._compare(file, names)
        return Layout(
            ".csv",
            len(names),
            tuple((column, f"c{index}") for column, index in positions.items()),
            tuple((names[index], f"c{index}") for index in extra),
        )

    def _refuse_other_delimiter(self, file: FoundFile, names: list[str]) -> None:
        if len(names) != 1:
            return
        for other in (",", "\t", ";", "|"):
            if other in names[0] and other != self._delimiter(file):
                raise FileProblemError(
                    file.name,
                    f"the header is one column with the delimiter {self._delimiter(file)!r} and "
                    f"seems to be split by {other!r}. Set delimiter = {json.dumps(other)} "
                    f"{self._for_this_table()}, or export it as before.",
                    lines=(1,),
                )

    def _compare(self, file: FoundFile, names: list[str]) -> tuple[dict[str, int], list[int]]:
        """Compare a header with the contract: index of each column found, indexes of the rest."""
        known = {column.name for column in self.table.columns}
        positions: dict[str, int] = {}
        extra: list[int] = []
        seen: set[str] = set()
        for index, name in enumerate(names):
            target = self.format.columns.get(name, name)
            if name in seen or target in positions:
                raise FileProblemError(
                    file.name,
                    "the header has this column twice. Export one of them only, or under another "
                    "name."
                    if name in seen
                    else f"two columns of the header are this one: mend the mapping of {name} "
                    f"{self._for_this_table()}.",
                    column=target,
                    lines=(1,),
                )
            seen.add(name)
            if target in known:
                positions[target] = index
            else:
                extra.append(index)
        self._refuse_missing(file, names, positions)
        return positions, extra

    def _refuse_missing(self, file: FoundFile, names: list[str], positions: dict[str, int]) -> None:
        missing = [c.name for c in self.table.columns if c.required and c.name not in positions]
        if not missing:
            return
        raise FileProblemError(
            file.name,
            f"the header lacks the required column{'s' if len(missing) > 1 else ''} "
            f"{', '.join(missing)}; {self._what_is_there(names, positions)}. Export it, or map "
            f"your own header to it under [feeds.{self.table.feed_name}.tables."
            f"{self.table.name}.columns] in tokui.toml.",
            column=missing[0],
            lines=(1,),
        )

    def _what_is_there(self, names: list[str], positions: dict[str, int]) -> str:
        """The header's names; not if all are strange: then they may be a row's values."""
        if not positions:
            return f"none of its {len(names)} columns is known, or the first line is not a header"
        shown = ", ".join(names[:_NAMES_IN_MESSAGE])
        return f"it has {shown}" + (" and more" if len(names) > _NAMES_IN_MESSAGE else "")

    def _parquet_layout(self, file: FoundFile, path: Path) -> Layout:
        import duckdb

        try:
            described = self.connection.execute(
                "select column_name, column_type from "
                f"(describe select * from read_parquet({literal(str(path))}))"
            ).fetchall()
        except (duckdb.Error, OSError) as error:
            raise FileProblemError(
                file.name,
                "this is no whole Parquet file: its end is missing or damaged. Copy it again.",
            ) from error
        names = [row[0] for row in described]
        positions, extra = self._compare(file, names)
        return Layout(
            ".parquet",
            len(names),
            tuple((column, _quoted(names[index])) for column, index in positions.items()),
            tuple((names[index], _quoted(names[index])) for index in extra),
            tuple((_quoted(name), kind) for name, kind in described),
        )

    def _json_layout(self) -> Layout:
        """JSON Lines have no header: each row's keys are compared as it is read."""
        own_names = {target: name for name, target in self.format.columns.items()}
        return Layout(
            ".jsonl",
            1,
            tuple(
                (column.name, own_names.get(column.name, column.name))
                for column in self.table.columns
            ),
            (),
        )

    def _stage_parquet(
        self, layout: Layout, members: list[tuple[FoundFile, Path, int | None]]
    ) -> Part:
        name = self._new_name()
        names = {str(path): file.name for file, path, _ in members}
        self._register_names(f"{name}_files", names)
        self.connection.execute(
            f"create temp view {name} as "
            "select s.* exclude (_path, file_row_number), n.file as _file, "
            "cast(s.file_row_number as bigint) + 1 as _line "
            f"from read_parquet({_string_list(names)}, filename = '_path', "
            f"file_row_number = true) s join {name}_files n on n.path = s._path"
        )
        return Part(name, layout, list(names.values()))

    def _stage_json(
        self, layout: Layout, members: list[tuple[FoundFile, Path, int | None]]
    ) -> Part:
        """Each line as one text; blank lines count as lines and are no rows."""
        import duckdb

        name = self._new_name()
        names = {str(path): file.name for file, path, _ in members}
        try:
            self._read_lines(name, names)
        except duckdb.Error:
            # Line ends of two kinds in one file: DuckDB refuses them, so they are made equal.
            names = {str(self._with_equal_line_ends(f, path)): f.name for f, path, _ in members}
            self._read_lines(name, names)
        self._view_with_lines(name, first_line=1, condition="trim(r.line) <> ''")
        return Part(name, layout, list(names.values()))

    def _read_lines(self, name: str, names: dict[str, str]) -> None:
        self._register_names(f"{name}_files", names)
        self.connection.execute(
            f"create or replace temp table {name}_rows as select line, filename "
            f"from read_csv({_string_list(names)}, columns = {{'line': 'VARCHAR'}}, "
            "header = false, delim = '\x01', quote = '', escape = '', auto_detect = false, "
            f"filename = true, max_line_size = {MAX_FIELD * 16})"
        )

    def _with_equal_line_ends(self, file: FoundFile, path: Path) -> Path:
        target = self._target(file).with_suffix(".lines")
        with path.open(encoding="utf-8") as source, target.open("w", encoding="utf-8") as out:
            out.writelines(source)
        return target

    def _stage_csv(
        self, layout: Layout, members: list[tuple[FoundFile, Path, int | None]]
    ) -> list[Part]:
        """All files at once where every row is one line; else the odd ones with care."""
        import duckdb

        name = self._new_name()
        try:
            self._read_fast(name, layout, members)
            odd = self._files_with_odd_lines(name, members)
        except duckdb.Error:
            if len(members) > 1:
                return [part for one in members for part in self._stage_csv(layout, [one])]
            return [self._read_with_care(layout, *members[0][:2])]
        if not odd:
            return [Part(name, layout, [file.name for file, _, _ in members])]
        regular = [one for one in members if one[0].name not in odd]
        parts = self._stage_csv(layout, regular) if regular else []
        careful = [one for one in members if one[0].name in odd]
        return parts + [self._read_with_care(layout, file, path) for file, path, _ in careful]

    def _read_fast(
        self, name: str, layout: Layout, members: list[tuple[FoundFile, Path, int | None]]
    ) -> None:
        names = {str(path): file.name for file, path, _ in members}
        self._register_names(f"{name}_files", names)
        delimiter = self._delimiter(members[0][0])
        self.connection.execute(
            f"create or replace temp table {name}_rows as select * "
            f"from read_csv({_string_list(names)}, columns = {_text_columns(layout.width)}, "
            f"header = true, delim = {literal(delimiter)}, quote = '\"', escape = '\"', "
            "auto_detect = false, strict_mode = true, null_padding = false, filename = true, "
            f"max_line_size = {MAX_FIELD * 16})"
        )
        self._view_with_lines(name, first_line=2)

    def _view_with_lines(self, name: str, first_line: int, condition: str = "true") -> None:
        """A view that adds `_file` and `_line`: a temporary table keeps the order of the files."""
        self.connection.execute(
            f"create or replace temp table {name}_starts as "
            f"select filename, min(rowid) as first_row from {name}_rows group by filename"
        )
        self.connection.execute(
            f"create or replace temp view {name} as "
            "select r.* exclude (filename), n.file as _file, "
            f"r.rowid - s.first_row + {first_line} as _line "
            f"from {name}_rows r join {name}_starts s on s.filename = r.filename "
            f"join {name}_files n on n.path = r.filename where {condition}"
        )

    def _files_with_odd_lines(
        self, name: str, members: list[tuple[FoundFile, Path, int | None]]
    ) -> set[str]:
        counted = dict(
            self.connection.execute(
                f"select n.file, count(r.filename) from {name}_files n "
                f"left join {name}_rows r on r.filename = n.path group by n.file"
            ).fetchall()
        )
        return {file.name for file, _, line_ends in members if counted[file.name] + 1 != line_ends}

    def _read_with_care(self, layout: Layout, file: FoundFile, path: Path) -> Part:
        """Row by row in Python: knows every line, and which rows do not fit the header."""
        import pyarrow
        import pyarrow.parquet

        name = self._new_name()
        self.scratch.mkdir(parents=True, exist_ok=True)
        clean = self.scratch / f"{name}.parquet"
        broken: list[BrokenRow] = []
        names = [f"c{index}" for index in range(layout.width)]
        schema = pyarrow.schema(
            [*((column, pyarrow.string()) for column in names), ("_line", pyarrow.int64())]
        )
        with (
            path.open(encoding="utf-8", newline="") as source,
            pyarrow.parquet.ParquetWriter(str(clean), schema) as writer,
        ):
            rows = self._whole_rows(file, layout, source, broken)
            while batch := list(itertools.islice(rows, _BATCH)):
                columns = list(zip(*batch, strict=True))
                writer.write_table(pyarrow.table(columns, schema=schema))
        self._refuse_cut_off(file, path, broken)
        self.connection.execute(
            f"create temp table {name} as select *, {literal(file.name)} as _file "
            f"from read_parquet({literal(str(clean))})"
        )
        return Part(name, layout, [file.name], broken)

    def _whole_rows(
        self, file: FoundFile, layout: Layout, source: IO[str], broken: list[BrokenRow]
    ) -> Iterator[tuple[str | int, ...]]:
        """Rows of the header's width with their line; the others are put into `broken`."""
        for count, (row, line) in enumerate(self._careful_rows(file, source), start=1):
            # DuckDB, which reads most files, takes a delimiter at the end of a row for nothing.
            if len(row) == layout.width + 1 and not row[-1]:
                row.pop()
            if len(row) == layout.width:
                yield (*row, line)
            else:
                broken.append(_broken_row(file, layout, row, line))
                _refuse_many_broken(file, broken, count)

    def _careful_rows(self, file: FoundFile, source: IO[str]) -> Iterator[tuple[list[str], int]]:
        limit = csv.field_size_limit(MAX_FIELD)
        reader = csv.reader(source, delimiter=self._delimiter(file), strict=True)
        line = 1
        try:
            next(reader, None)
            line = reader.line_num + 1
            for row in reader:
                if row:
                    yield row, line
                line = reader.line_num + 1
        except csv.Error as error:
            raise FileProblemError(
                file.name,
                f"from this line on the file cannot be split into columns ({error}). A quote that "
                "is not closed, or a file that was cut off: export or copy it again.",
                lines=(line,),
            ) from error
        finally:
            csv.field_size_limit(limit)

    def _refuse_cut_off(self, file: FoundFile, path: Path, broken: list[BrokenRow]) -> None:
        """A last row that is too short and has no line end is a file that was cut off."""
        if not broken or not broken[-1].is_short:
            return
        with path.open("rb") as stream:
            stream.seek(-1, 2)
            ends_whole = stream.read(1) == b"\n"
        if not ends_whole and broken[-1].line >= _count_line_ends(path):
            raise FileProblemError(
                file.name,
                "the file ends in the middle of a row: it was cut off. Copy it again.",
                lines=(broken[-1].line,),
            )

    def _register_names(self, name: str, names: dict[str, str]) -> None:
        self.connection.execute(
            f"create or replace temp table {name} as "
            f"select * from (values {values_rows(names.items())}) as t (path, file)"
        )


def _chunks(file: FoundFile) -> Iterator[bytes]:
    """The unpacked bytes of a file.

    Raises:
        FileProblemError: the archive ends too early, is damaged, or grows without measure.
    """
    import zstandard

    assert file.local is not None
    unpacked, limit = 0, max(_BOMB_BYTES, _BOMB_RATIO * file.local.stat().st_size)
    try:
        for chunk in _unpack(file.local, file.compression):
            unpacked += len(chunk)
            if file.compression and unpacked > limit:
                raise FileProblemError(
                    file.name,
                    f"the archive unpacks to more than {limit >> 20} MiB, {_BOMB_RATIO} times its "
                    "size or more: that is no export. Export it again, or deliver it unpacked.",
                )
            yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError) as error:
        raise FileProblemError(
            file.name, "the compressed file ends too early or is damaged. Copy it again."
        ) from error


def _unpack(path: Path, compression: str | None) -> Iterator[bytes]:
    if compression == ".zst":
        yield from _unpack_zst(path)
        return
    with gzip.open(path, "rb") if compression == ".gz" else path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _unpack_zst(path: Path) -> Iterator[bytes]:
    """All frames of the file. The library's own reader stops after one, and at a cut, silently."""
    import zstandard

    frame = None
    with path.open("rb") as stream:
        while packed := stream.read(_CHUNK >> 4):
            while packed:
                frame = frame or zstandard.ZstdDecompressor().decompressobj()
                if chunk := frame.decompress(packed):
                    yield chunk
                packed = frame.unused_data if frame.eof else b""
                frame = None if frame.eof else frame
    if frame is not None:
        raise EOFError


def _has_three_byte_utf8(file: FoundFile) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    found = False
    try:
        for chunk in _chunks(file):
            text = decoder.decode(chunk)
            found = found or (not text.isascii() and any(letter > "\u07ff" for letter in text))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return found


def _refuse_cut_off_json(file: FoundFile, path: Path) -> None:
    """A last line without line end that is no JSON is a file that was cut off."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - MAX_FIELD * 16))
        last = stream.read().rpartition(b"\n")[2].strip()
    if not last:
        return
    try:
        json.loads(last)
    except ValueError as error:
        raise FileProblemError(
            file.name,
            "the file ends in the middle of a row: it was cut off. Copy it again.",
            lines=(_count_line_ends(path),),
        ) from error


def _broken_row(file: FoundFile, layout: Layout, row: list[str], line: int) -> BrokenRow:
    reason = f"the row has {len(row)} columns and the header {layout.width}"
    is_short = len(row) < layout.width
    return BrokenRow(file.name, line, reason, "\x1f".join(row), is_short)


def _refuse_many_broken(file: FoundFile, broken: list[BrokenRow], rows: int) -> None:
    """Gives up early on a file whose rows do not fit its header: they are all held in memory."""
    if len(broken) < _BROKEN_TO_REFUSE or len(broken) < rows / 2:
        return
    raise FileProblemError(
        file.name,
        f"{len(broken)} of the first {rows} rows do not have the header's number of columns. "
        "Mend the export (a delimiter within values, a column without a header?).",
        lines=tuple(row.line for row in broken[:3]),
    )


def _count_line_ends(path: Path) -> int:
    """Lines of a text file; a last line without a line end counts."""
    count, last = 0, b"\n"
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            count += chunk.count(b"\n")
            last = chunk[-1:]
    return count + (last != b"\n")


def _decodes(chunks: Iterable[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        for chunk in chunks:
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _text_columns(width: int) -> str:
    return "{" + ", ".join(f"'c{index}': 'VARCHAR'" for index in range(width)) + "}"


def _string_list(names: dict[str, str]) -> str:
    return "[" + ", ".join(literal(path) for path in names) + "]"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
