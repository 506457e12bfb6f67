"""Random nights with typing errors that are released later.

Whatever is repeated, corrected or late: once all is released, every key has the winner that a
dictionary of the right rows has, and at any time each row of each file is stored, unchanged or set
aside.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.ingestion.conftest import Shop

NIGHTS = 4
HEADERS = {
    "products": ["product_id", "name", "list_price"],
    "receipts": [
        *("receipt_id", "store_id", "closed_at", "receipt_type", "total_inc_tax"),
        "updated_at",
    ],
    "receipt_lines": [
        *("receipt_id", "line_no", "product_id", "quantity", "unit_price", "line_amount"),
        "line_type",
    ],
}
SPOILED = {
    "products": ["list_price"],
    "receipts": ["total_inc_tax", "updated_at", "receipt_type"],
    "receipt_lines": ["line_amount", "line_no"],
}
WINNERS = {
    "products": "select product_id, list_price::int as value from {rows} "
    "qualify row_number() over (partition by product_id order by {order}) = 1",
    "receipts": "select receipt_id, total_inc_tax::int as value from {rows} "
    "qualify row_number() over (partition by receipt_id order by updated_at desc, {order}) = 1",
    "receipt_lines": "select receipt_id, line_no, line_amount::int as value from {rows} "
    "qualify rank() over (partition by receipt_id order by sequence desc, load_number desc, "
    "_file desc) = 1",
}


@dataclass
class Nights:
    """A shop that is sent rows with typing errors, and what would have won without them.

    `winners` holds, by table and key, what orders the version and its value; the rows of a receipt
    win together.
    """

    shop: Shop
    source: random.Random
    errors: list[tuple[str, int, str, str]] = field(default_factory=list)
    winners: dict[str, dict[str, tuple]] = field(default_factory=dict)

    def deliver(self, night: int) -> None:
        for table in HEADERS:
            # Late files: the date in the name, not the night, orders deliveries.
            day = self.source.choice([night, night, night, max(1, night - 2)])
            name = f"{table}_202607{day:02}_{night}.csv"
            rows = _rows(self.source, table)
            self._judge(table, (day, night), rows)
            for number, row in enumerate(rows):
                if self.source.random() < 0.4:
                    column = self.source.choice(SPOILED[table])
                    self.errors.append((name, number + 2, column, row[column]))
                    row[column] = f"?{night}"
            lines = [",".join(HEADERS[table]), *(",".join(row.values()) for row in rows)]
            self.shop.put(name, "\n".join(lines) + "\n")

    def release(self, share: float) -> None:
        waiting, self.errors = self.errors, []
        for file, line, column, right in waiting:
            if self.source.random() < share:
                self.shop.decide(file, line, **{column: right})
            else:
                self.errors.append((file, line, column, right))

    def _judge(self, table: str, order: tuple, rows: list[dict[str, str]]) -> None:
        won = self.winners.setdefault(table, {})
        key = HEADERS[table][0]
        for owner in {row[key] for row in rows}:
            mine = [row for row in rows if row[key] == owner]
            version = max(row.get("updated_at", "") for row in mine)
            values = {_value(row) for row in mine if row.get("updated_at", "") == version}
            won[owner] = max(won.get(owner, ()), (version, *order, sorted(values)))


def test_released_rows_leave_the_newest_versions_on_top(shop: Shop) -> None:
    shop.toml = '[feeds.pos]\npath = "pos"\nsettle_seconds = 0\nmax_quarantined_share = 1.0\n'
    nights = Nights(shop, random.Random(1))
    added = 0
    for night in range(1, NIGHTS + 1):
        nights.deliver(night)
        added += _added(shop)
        if night == NIGHTS // 2:
            nights.release(share=0.5)
    nights.release(share=1.0)
    added += _added(shop)
    assert set(shop.states().values()) == {"released"}
    assert len(shop.states()) > 10
    for table, query in WINNERS.items():
        expected = [
            (owner, *value)
            for owner, (*_, values) in nights.winners[table].items()
            for value in values
        ]
        assert _winners(shop, table, query) == sorted(expected), table
        added -= shop.rows(f"select count(*) from raw_pos.{table}")[0][0]
    assert added == 0, "what the reports say was stored and released is what is there"


def _value(row: dict[str, str]) -> tuple:
    if "line_no" in row:
        return int(row["line_no"]), int(row["line_amount"])
    return (int(row["total_inc_tax"] if "total_inc_tax" in row else row["list_price"]),)


def _rows(source: random.Random, table: str) -> list[dict[str, str]]:
    """A few keys and few values, so that most nights repeat, correct or set back something."""
    if table == "products":
        return [_row(table, f"P{key}", "tea", source.choice("12")) for key in range(12)]
    if table == "receipts":
        days = {(source.randint(1, 3), source.randint(1, 3)) for _ in range(4)}
        closed = "2026-07-01 10:00"
        return [
            _row(table, f"R{key}", "S1", closed, "sale", f"{key}{day}", f"2026-07-0{day}")
            for key, day in sorted(days)
        ]
    return [
        _row(table, f"R{key}", str(number), "P1", "1", "5", source.choice("56"), "sale")
        for key in range(1, 4)
        for number in range(1, source.randint(2, 3))
    ]


def _row(table: str, *values: str) -> dict[str, str]:
    return dict(zip(HEADERS[table], values, strict=True))


def _added(shop: Shop) -> int:
    """Rows that a night added to raw, after its accounting was added up."""
    tables = shop.load().tables.values()
    for table in tables:
        assert table.rows_in == table.unchanged + table.quarantined + table.stored
    assert not shop.rows(
        "select file from ledger.files f where rows_in <> rows_unchanged + rows_quarantined + "
        "rows_stored or rows_quarantined <> (select count(*) from ledger.quarantined_rows q "
        "where q.file = f.file and q.load_id = f.load_id and q.state <> 'released')"
    )
    return sum(table.stored + table.released for table in tables)


def _winners(shop: Shop, table: str, query: str) -> list[tuple]:
    rows = (
        f"(select r.*, f.sequence, f.load_number from raw_pos.{table} r join ledger.files f "
        "on f.load_id = r._load_id and f.file = r._file) r"
    )
    order = "sequence desc, load_number desc, _file desc, _line desc"
    return shop.rows(f"select * from ({query.format(rows=rows, order=order)}) order by all")
