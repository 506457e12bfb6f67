"""Deliveries: CSV files of a day, written as the demo retailer's systems write them.

The register's member export is CP932 with Japanese headers and words; everything else is UTF-8 in
the contract's own words, instants in Japan's local time. The same rows give the same bytes.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from demo.calendar import date_of


@dataclass(frozen=True)
class FileStyle:
    """How the files of a table are written; `columns` maps headers to the contract's columns,
    in order, `words` the contract's words to the file's, by column."""

    encoding: str = "utf-8"
    columns: dict[str, str] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    has_slashes: bool = False


STYLES = {
    "pos.members": FileStyle(
        encoding="cp932",
        has_slashes=True,
        columns={
            "会員番号": "member_id",
            "カード番号": "card_number",
            "氏名": "name",
            "フリガナ": "name_kana",
            "ローマ字氏名": "name_romaji",
            "会社名": "company",
            "電話番号": "phone",
            "メール": "email",
            "生年月日": "birth_date",
            "性別": "gender",
            "郵便番号": "postal_code",
            "都道府県": "prefecture",
            "市区町村": "city",
            "番地": "address",
            "職業": "occupation",
            "LINE ID": "line_user_id",
            "アプリID": "app_user_id",
            "会員ランク": "tier",
            "所属店舗": "home_store_id",
            "入会日時": "joined_at",
            "退会日時": "left_at",
            "紹介会員番号": "referred_by_member_id",
            "社内区分": "is_internal",
            "更新日時": "updated_at",
        },
        words={
            "gender": {"female": "女", "male": "男"},
            "tier": {
                "regular": "レギュラー",
                "silver": "シルバー",
                "gold": "ゴールド",
                "platinum": "プラチナ",
            },
            "is_internal": {"true": "社員", "false": "一般"},
        },
    )
}
PLAIN = FileStyle()


@dataclass
class Delivery:
    """The files that arrive on one day; they come into sight together, when it is closed.

    A table may be written in several pieces, which go to one file; a piece without rows writes
    nothing.
    """

    feeds: Path
    day: int
    _begun: set[Path] = field(default_factory=set)

    def write(self, pieces: Iterable[tuple[str, pa.Table]]) -> None:
        """Append pieces such as ("pos.receipts", rows)."""
        for name, rows in pieces:
            if rows.num_rows:
                self._append(name, rows)

    def close(self) -> list[Path]:
        """Move the files into the feeds' folders; their paths, sorted."""
        moved = []
        for file in sorted(self._begun):
            target = self.feeds / file.relative_to(self._workshop)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(file, target)
            moved.append(target)
        shutil.rmtree(self._workshop, ignore_errors=True)
        return moved

    @property
    def _workshop(self) -> Path:
        return self.feeds / f".delivery_{date_of(self.day):%Y%m%d}"

    def _append(self, name: str, rows: pa.Table) -> None:
        feed, table = name.split(".")
        file = self._workshop / feed / f"{table}_{date_of(self.day):%Y%m%d}.csv"
        is_new = file not in self._begun
        if is_new:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)
            self._begun.add(file)
        with file.open("ab") as sink:
            sink.write(csv_bytes(rows, STYLES.get(name, PLAIN), has_header=is_new))


def csv_bytes(rows: pa.Table, style: FileStyle, has_header: bool = True) -> bytes:
    """The rows as CSV in that style.

    Raises:
        UnicodeEncodeError: a value has a character that the style's encoding cannot write.
    """
    options = pyarrow.csv.WriteOptions(include_header=has_header)
    sink = io.BytesIO()
    pyarrow.csv.write_csv(_styled(rows, style), sink, options)
    if style.encoding == "utf-8":
        return sink.getvalue()
    return sink.getvalue().decode("utf-8").encode(style.encoding)


def _styled(rows: pa.Table, style: FileStyle) -> pa.Table:
    if not style.columns:
        return rows
    return pa.table(
        {
            header: _worded(rows[column], style.words.get(column, {}), style.has_slashes)
            for header, column in style.columns.items()
        }
    )


def _worded(column: pa.ChunkedArray, words: dict[str, str], has_slashes: bool) -> pa.ChunkedArray:
    if words:
        keys = pc.index_in(column.cast(pa.string()), pa.array(list(words)))
        return pa.chunked_array([pa.array(list(words.values())).take(keys.combine_chunks())])
    if has_slashes and pa.types.is_timestamp(column.type):
        return pc.strftime(column, "%Y/%m/%d %H:%M:%S")
    if has_slashes and pa.types.is_date(column.type):
        return pc.strftime(column, "%Y/%m/%d")
    return column
