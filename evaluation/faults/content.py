"""Small ways to spoil a file as a whole: its bytes, its packing, its format, its name."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from datetime import date, timedelta

from evaluation.faults.model import Injection
from evaluation.faults.night import Night, render, style_of

_EPOCH = 1_790_818_365
"""An instant of 1 October 2026 as seconds since 1970: no date in any format of the feed."""


def rewrite(table: str, change: Callable[[bytes], bytes], ending: str = ".csv") -> Injection:
    """Other bytes in the night's file, which may get another ending."""

    def inject(night: Night) -> None:
        content = change(night.bytes_of(table))
        night.path(table).unlink(missing_ok=True)
        night.path(table, ending).write_bytes(content)

    return inject


def recode(table: str, encoding: str) -> Injection:
    """Written in another encoding."""
    own = style_of(table).encoding
    return rewrite(table, lambda content: content.decode(own).encode(encoding))


def replace(table: str, old: bytes, new: bytes, count: int = -1) -> Injection:
    """Some bytes in the place of others, from the first on."""

    def change(content: bytes) -> bytes:
        if old not in content:
            raise ValueError(f"the file of {table} holds no {old!r}")
        return content.replace(old, new, count)

    return rewrite(table, change)


def append(table: str, tail: bytes) -> Injection:
    """More bytes at the end."""
    return rewrite(table, lambda content: content + tail)


def cut(table: str, share: float) -> Injection:
    """The first part of the file alone; its last row ends within its second value."""

    def change(content: bytes) -> bytes:
        row = content.rindex(b"\n", 0, int(len(content) * share)) + 1
        return content[: content.index(b",", row) + 2]

    return rewrite(table, change)


def cut_pages(table: str) -> Injection:
    """Parquet with its last tenth missing."""
    return _parquet(table, lambda content: content[: len(content) * 9 // 10])


def damaged_pages(table: str) -> Injection:
    """Parquet with a good footer and zeros in its first pages."""
    return _parquet(table, lambda content: content[:4] + bytes(400) + content[404:])


def parquet(table: str) -> Injection:
    """The same rows as Parquet, every column text."""
    return _parquet(table)


def json_lines(table: str, change: Callable[[bytes], bytes] = lambda content: content) -> Injection:
    """The same rows as JSON Lines."""

    def inject(night: Night) -> None:
        sheet = night.read(table)
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in sheet.rows]
        night.path(table).unlink(missing_ok=True)
        night.path(table, ".jsonl").write_bytes(change("".join(lines).encode()))

    return inject


def packed(table: str, change: Callable[[bytes], bytes] = lambda content: content) -> Injection:
    """The file as gzip, whose bytes may be changed."""
    return rewrite(table, lambda content: change(gzip.compress(content, mtime=0)), ".csv.gz")


def packed_zst(table: str, change: Callable[[bytes], bytes] = lambda content: content) -> Injection:
    """The file as Zstandard, whose bytes may be changed."""

    def compress(content: bytes) -> bytes:
        import zstandard

        return change(zstandard.ZstdCompressor().compress(content))

    return rewrite(table, compress, ".csv.zst")


def bomb(table: str, mebibytes: int) -> Injection:
    """An archive of line ends that unpacks to so much."""
    return rewrite(
        table, lambda content: gzip.compress(content + b"\n" * (mebibytes << 20)), ".csv.gz"
    )


def header_alone(table: str) -> Injection:
    """A file without rows."""
    return rewrite(table, lambda content: content.split(b"\n", 1)[0] + b"\n")


def file_of(feed: str, name: str, content: bytes) -> Injection:
    """A further file in the folder of a feed; `{delivery}` in its name is the night's."""

    def inject(night: Night) -> None:
        path = night.home / "feeds" / feed / name.format(delivery=night.delivery)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return inject


def copied(table: str, name: str, change: Callable[[bytes], bytes] = bytes) -> Injection:
    """The night's file a second time, by another name; `{delivery}` is the night's."""

    def inject(night: Night) -> None:
        target = night.path(table).with_name(name.format(delivery=night.delivery))
        target.write_bytes(change(night.bytes_of(table)))

    return inject


def moved(table: str, name: str) -> Injection:
    """The night's file by another name; `{delivery}` is the night's."""

    def inject(night: Night) -> None:
        content = night.bytes_of(table)
        night.path(table).unlink(missing_ok=True)
        target = night.path(table).with_name(name.format(delivery=night.delivery))
        target.write_bytes(content)

    return inject


def hold(feed: str) -> Injection:
    """A feed with a bad file stays behind and the others publish."""
    path = f'path = "$TOKUI_HOME/feeds/{feed}"'
    return lambda night: night.configure(path, path + '\non_failure = "hold"')


def later(days: int) -> Injection:
    """The run comes so many days after its time."""

    def inject(night: Night) -> None:
        usual = date.fromisoformat(night.delivery) + timedelta(days=1)
        night.configure(f'now = "{usual}', f'now = "{usual + timedelta(days=days)}')

    return inject


def delimited(table: str, delimiter: str) -> Injection:
    """Other delimiters between the values."""

    def inject(night: Night) -> None:
        text = render(night.read(table), style_of(table)).decode(style_of(table).encoding)
        changed = text.replace(",", delimiter)
        night.path(table).write_bytes(changed.encode(style_of(table).encoding))

    return inject


def numbers_for(table: str, column: str) -> Injection:
    """Parquet with a column of seconds since 1970 where texts were."""
    return _parquet(table, cells={column: _EPOCH})


def nested(table: str, column: str) -> Injection:
    """Parquet with a column of lists where texts were."""
    return _parquet(table, cells={column: ["A", "B"]})


def _parquet(
    table: str,
    change: Callable[[bytes], bytes] = lambda content: content,
    cells: dict[str, object] | None = None,
) -> Injection:
    def inject(night: Night) -> None:
        import pyarrow
        import pyarrow.parquet

        sheet, other = night.read(table), cells or {}
        columns = {
            name: [other.get(name, row[name] or None) for row in sheet.rows]
            for name in sheet.columns
        }
        types = {name: None if name in other else pyarrow.string() for name in columns}
        arrays = {name: pyarrow.array(values, types[name]) for name, values in columns.items()}
        out = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.table(arrays), out)
        night.path(table).unlink(missing_ok=True)
        night.path(table, ".parquet").write_bytes(change(out.getvalue()))

    return inject
