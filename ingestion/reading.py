"""Files in, text columns out: every file becomes rows of a scratch table with file and line.

CSV is read by DuckDB in strict mode. Where that refuses a file, or where the count of lines shows
that lines and rows differ (quoted line breaks, blank lines), Python's own reader takes that one
file with care: it knows each row's line and which rows are broken. The header is read and compared
with the contract before any row is.
"""

from __future__ import annotations

import csv
import gzip
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ingestion.contract import Table
from ingestion.discovery import FoundFile
from ingestion.errors import FileProblemError
from ingestion.settings import ENCODINGS, FileFormat

if TYPE_CHECKING:
    import duckdb

MAX_FIELD = 1 << 20
_CHUNK = 1 << 20


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
        if file.size == 0:
            raise FileProblemError(
                file.name,
                "the file is empty, it has not even a header. Export it again; if there was "
                "nothing to export, a file with a header alone is right.",
            )
        if file.ending == ".parquet":
            path = self._plain_bytes(file)
            return path, self._parquet_layout(file, path), None
        path = self._as_utf8(file)
        if file.ending in (".jsonl", ".ndjson"):
            return path, self._json_layout(file), None
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

    def _open_plain(self, file: FoundFile) -> IO[bytes]:
        assert file.local is not None
        if file.compression == ".gz":
            return gzip.open(file.local, "rb")  # type: ignore[return-value]
        if file.compression == ".zst":
            import zstandard

            return zstandard.open(file.local, "rb")  # type: ignore[return-value]
        return file.local.open("rb")

    def _target(self, file: FoundFile) -> Path:
        self.scratch.mkdir(parents=True, exist_ok=True)
        return self.scratch / f"{file.sha256[:16]}_{self.table.name}{file.ending}"

    def _plain_bytes(self, file: FoundFile) -> Path:
        assert file.local is not None
        if file.compression is None:
            return file.local
        target = self._target(file)
        with _truncation_told(file), self._open_plain(file) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out, _CHUNK)
        return target

    def _as_utf8(self, file: FoundFile) -> Path:
        """A UTF-8 copy without byte-order mark; the file itself where it is that already."""
        assert file.local is not None
        encoding = ENCODINGS[self.format.encoding.lower()]
        with _truncation_told(file), self._open_plain(file) as source:
            start = source.read(3)
        is_marked = start == b"\xef\xbb\xbf"
        if is_marked and encoding == "cp932":
            raise FileProblemError(
                file.name,
                "the file begins with a UTF-8 byte-order mark but its encoding is set to cp932. "
                'Set encoding = "utf-8" for this table.',
                lines=(1,),
            )
        if encoding != "cp932" and file.compression is None and not is_marked:
            self._check_decodes(file, "utf-8")
            return file.local
        target = self._target(file)
        with (
            _truncation_told(file),
            self._open_plain(file) as source,
            target.open("w", encoding="utf-8", newline="") as out,
        ):
            self._transcode(file, source, out, encoding)
        return target

    def _transcode(self, file: FoundFile, source: IO[bytes], out: IO[str], encoding: str) -> None:
        import codecs

        decoder = codecs.getincrementaldecoder(encoding)("strict")
        try:
            while chunk := source.read(_CHUNK):
                out.write(decoder.decode(chunk))
            out.write(decoder.decode(b"", final=True))
        except UnicodeDecodeError as error:
            raise self._undecodable(file) from error

    def _check_decodes(self, file: FoundFile, encoding: str) -> None:
        import codecs

        decoder = codecs.getincrementaldecoder(encoding)("strict")
        with self._open_plain(file) as source:
            try:
                while chunk := source.read(_CHUNK):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError as error:
                raise self._undecodable(file) from error

    def _undecodable(self, file: FoundFile) -> FileProblemError:
        """Where the encoding first fails, and which other one would read the file."""
        configured = self.format.encoding.lower()
        encoding = ENCODINGS[configured]
        with self._open_plain(file) as source:
            data = source.read()
        line = 1
        for line, text in enumerate(data.split(b"\n"), start=1):
            if not _decodes(text, encoding):
                break
        other = "cp932" if encoding != "cp932" else "utf-8"
        hint = (
            f'It reads as {other}: set encoding = "{other}" for this table.'
            if _decodes(data, other)
            else "No encoding that Tokui knows reads it: export the file again."
        )
        return FileProblemError(
            file.name, f"the bytes are not {configured}. {hint}", lines=(line,)
        )

    def _csv_layout(self, file: FoundFile, path: Path) -> Layout:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream, delimiter=self._delimiter(file), strict=True)
            try:
                header = next(reader, [])
            except csv.Error as error:
                raise FileProblemError(
                    file.name, f"the header cannot be read: {error}", lines=(1,)
                ) from error
        names = [name.strip().strip("\u3000") for name in header]
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
                    f"seems to be split by {other!r}. Set delimiter = {other!r} for this table, or "
                    "export it as before.",
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
                    f'the header has the column "{target}" twice. Export it with one, or map one '
                    "of them to another name.",
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

    def _refuse_missing(
        self, file: FoundFile, names: list[str], positions: dict[str, int]
    ) -> None:
        missing = [c.name for c in self.table.columns if c.required and c.name not in positions]
        if not missing:
            return
        raise FileProblemError(
            file.name,
            f"the header lacks the required column{'s' if len(missing) > 1 else ''} "
            f"{', '.join(missing)}; it has {', '.join(names)}. Export it, or map the register's "
            f"own header to it under [feeds.{self.table.feed_name}.tables.{self.table.name}"
            ".columns].",
            column=missing[0],
            lines=(1,),
        )

    def _parquet_layout(self, file: FoundFile, path: Path) -> Layout:
        import duckdb

        try:
            described = self.connection.execute(
                "select column_name, column_type from (describe select * from read_parquet(?))",
                [str(path)],
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

    def _json_layout(self, file: FoundFile) -> Layout:
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
            "select s.* exclude (filename, file_row_number), n.file as _file, "
            "cast(s.file_row_number as bigint) + 1 as _line "
            f"from read_parquet({_string_list(names)}, filename = true, file_row_number = true) s "
            f"join {name}_files n on n.path = s.filename"
        )
        return Part(name, layout, list(names.values()))

    def _stage_json(
        self, layout: Layout, members: list[tuple[FoundFile, Path, int | None]]
    ) -> Part:
        name = self._new_name()
        names = {str(path): file.name for file, path, _ in members}
        self._register_names(f"{name}_files", names)
        self.connection.execute(
            f"create temp table {name}_rows as select line, filename "
            f"from read_csv({_string_list(names)}, columns = {{'line': 'VARCHAR'}}, "
            "header = false, delim = '\x01', quote = '', escape = '', auto_detect = false, "
            f"filename = true, max_line_size = {MAX_FIELD * 16})"
        )
        self._view_with_lines(name, names, first_line=1)
        return Part(name, layout, list(names.values()))

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
            f"header = true, delim = {_text(delimiter)}, quote = '\"', escape = '\"', "
            "auto_detect = false, strict_mode = true, null_padding = false, filename = true, "
            f"max_line_size = {MAX_FIELD * 16})"
        )
        self._view_with_lines(name, names, first_line=2)

    def _view_with_lines(self, name: str, names: dict[str, str], first_line: int) -> None:
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
            f"join {name}_files n on n.path = r.filename"
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
        return {
            file.name for file, _, line_ends in members if counted[file.name] + 1 != line_ends
        }

    def _read_with_care(self, layout: Layout, file: FoundFile, path: Path) -> Part:
        """Row by row in Python: knows every line, and which rows do not fit the header."""
        name = self._new_name()
        clean = self.scratch / f"{name}.csv"
        self.scratch.mkdir(parents=True, exist_ok=True)
        broken: list[BrokenRow] = []
        with (
            path.open(encoding="utf-8", newline="") as source,
            clean.open("w", encoding="utf-8", newline="") as out,
        ):
            writer = csv.writer(out, quoting=csv.QUOTE_ALL)
            for row, line in self._careful_rows(file, source):
                if len(row) == layout.width:
                    writer.writerow([*row, line])
                else:
                    reason = f"the row has {len(row)} columns and the header {layout.width}"
                    broken.append(BrokenRow(file.name, line, reason, "\x1f".join(row)))
        self._refuse_cut_off(file, path, broken)
        columns = _text_columns(layout.width)[:-1] + ", '_line': 'BIGINT'}"
        self.connection.execute(
            f"create temp table {name} as select *, {_text(file.name)} as _file "
            f"from read_csv({_text(str(clean))}, columns = {columns}, header = false, "
            "delim = ',', quote = '\"', escape = '\"', auto_detect = false, "
            f"max_line_size = {MAX_FIELD * 16})"
        )
        return Part(name, layout, [file.name], broken)

    def _careful_rows(self, file: FoundFile, source: IO[str]):
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
        if not broken:
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
        values = ", ".join(f"({_text(path)}, {_text(file)})" for path, file in names.items())
        self.connection.execute(
            f"create or replace temp table {name} as "
            f"select * from (values {values}) as t (path, file)"
        )


class _truncation_told:  # noqa: N801 (reads as a statement)
    """Turns a compressed stream that ends too early into a problem of the file."""

    def __init__(self, file: FoundFile) -> None:
        self.file = file

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        if kind is None or issubclass(kind, FileProblemError):
            return
        if issubclass(kind, (EOFError, OSError)) or kind.__name__ == "ZstdError":
            raise FileProblemError(
                self.file.name,
                "the compressed file ends too early or is damaged. Copy it again.",
            ) from error


def _count_line_ends(path: Path) -> int:
    """Lines of a text file; a last line without a line end counts."""
    count, last = 0, b"\n"
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            count += chunk.count(b"\n")
            last = chunk[-1:]
    return count + (last != b"\n")


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _text_columns(width: int) -> str:
    return "{" + ", ".join(f"'c{index}': 'VARCHAR'" for index in range(width)) + "}"


def _string_list(names: dict[str, str]) -> str:
    return "[" + ", ".join(_text(path) for path in names) + "]"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
