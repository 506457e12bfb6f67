"""The reader of one table: each file by its format."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.contract import Table
from ingestion.discovery import FoundFile, refuse_changed
from ingestion.errors import FileProblemError
from ingestion.reading.csv_files import csv_layout, stage_csv
from ingestion.reading.decoding import as_utf8
from ingestion.reading.desk import Desk
from ingestion.reading.json_lines import json_layout, stage_json
from ingestion.reading.parquet_files import parquet_layout, stage_parquet
from ingestion.reading.parts import Layout, Part, Readable, Take
from ingestion.reading.unpacking import look_over, plain_bytes
from ingestion.settings import FileFormat, Limits

if TYPE_CHECKING:
    import duckdb

BYTES_AT_ONCE = 512 << 20
"""So many bytes of files are read by one statement, if one file has no more."""
_GONE = (errno.ENOENT, errno.EACCES, errno.EPERM, errno.EIO, errno.ESTALE)
"""What the outer world does to a file; a disk that is full is not among it."""


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
        limits: Limits,
    ) -> None:
        self._desk = Desk(connection, table, file_format, scratch, limits)

    def read(self, file: FoundFile) -> Readable:
        """Decode a file and compare its header."""
        with _gone_is_told(file):
            if file.ending == ".parquet":
                path = plain_bytes(self._desk, file)
                return Readable(file, path, parquet_layout(self._desk, file, path))
            path = as_utf8(self._desk, file)
            is_json = file.ending in (".jsonl", ".ndjson")
            layout = (json_layout if is_json else csv_layout)(self._desk, file, path)
            return Readable(file, path, layout, look_over(path))

    def stage(self, files: list[Readable], take: Take) -> None:
        """Have the rows of files taken whose headers were compared, part by part.

        A part is of one layout, or of one file if need be. Its rows are there until `take` returns:
        the texts of a table's files never stand beside each other, however many files there are.
        """
        by_layout: dict[Layout, list[Readable]] = {}
        for one in files:
            by_layout.setdefault(one.layout, []).append(one)
        for layout, members in by_layout.items():
            for some in _batches(members):
                with _gone_is_told(*(one.file for one in some)):
                    _STAGES[layout.ending](self._desk, layout, some, take)
                self._desk.forget_rows()
        for one in files:
            refuse_changed(one.file)


def _batches(members: list[Readable]) -> Iterator[list[Readable]]:
    """Files in their order, as many at a time as have `BYTES_AT_ONCE`, and one at least."""
    batch: list[Readable] = []
    size = 0
    for one in members:
        with _gone_is_told(one.file):
            bytes_of_one = one.path.stat().st_size
        if batch and size + bytes_of_one > BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += bytes_of_one
    yield batch


def _each(stage: Callable[[Desk, Layout, list[Readable]], list[Part]]) -> Callable[..., None]:
    """A stage that reads its parts and hands them over."""

    def staged(desk: Desk, layout: Layout, members: list[Readable], take: Take) -> None:
        for part in stage(desk, layout, members):
            take(part)

    return staged


_STAGES = {".parquet": _each(stage_parquet), ".jsonl": _each(stage_json), ".csv": stage_csv}


@contextmanager
def _gone_is_told(*files: FoundFile) -> Iterator[None]:
    """A file that vanishes while it is read is a problem of that file."""
    try:
        yield
    except OSError as error:
        if error.errno not in _GONE:
            raise
        file = next((f for f in files if str(f.local) == str(error.filename)), files[0])
        raise FileProblemError(
            file.name,
            f"the file could not be read to its end ({error.strerror}). It was moved, replaced or "
            "closed to Tokui meanwhile: leave files where they are until the run is over.",
        ) from error
