"""Why two records are one person, or are not: the chain of links between them, in words."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from identity.overrides import record_hash
from identity.person_tables import PERSON_TABLES, id_column
from ingestion.engine import connect
from ingestion.errors import ConfigurationError

if TYPE_CHECKING:
    import duckdb

Record = tuple[str, str]


@dataclass(frozen=True)
class Link:
    """A link between two records that a rule made."""

    a: Record
    b: Record
    rule: str
    strength: int
    confidence: float
    description: str

    @property
    def weakness(self) -> tuple[int, float]:
        """Orders links from the surest to the weakest."""
        return -self.strength, -self.confidence

    def other(self, record: Record) -> Record:
        return self.b if record == self.a else self.a


def explain(warehouse: Path, key: bytes, names: tuple[str, str]) -> list[str]:
    """Lines that tell why the two records, named `system:id`, are one person or two.

    Raises:
        ConfigurationError: a name is not `system:id`, or the warehouse has no such record.
    """
    if not warehouse.exists():
        raise ConfigurationError("there is no warehouse yet. Run `tokui refresh` first.")
    with connect(warehouse, read_only=True) as connection:
        records = [_record(connection, name, key) for name in names]
        customers = [
            _customer(connection, record, name) for record, name in zip(records, names, strict=True)
        ]
        if customers[0] != customers[1]:
            return [
                f"{names[0]} ({customers[0]}) and {names[1]} ({customers[1]}) are two people.",
                *_against(connection, records),
            ]
        chain = surest_chain(_links(connection, customers[0]), *records)
        lines = [f"{names[0]} and {names[1]} are one person, {customers[0]}:"]
        for link, at in chain:
            here, there = (_plain(connection, record) for record in (at, link.other(at)))
            lines.append(
                f"  {here} – {there}: {link.rule} ({link.confidence:.2f}), {link.description}"
            )
        return lines


def surest_chain(links: list[Link], start: Record, end: Record) -> list[tuple[Link, Record]]:
    """The chain whose weakest link is as strong as can be; each link with the record it leaves."""
    by_record: dict[Record, list[Link]] = {}
    for link in links:
        by_record.setdefault(link.a, []).append(link)
        by_record.setdefault(link.b, []).append(link)
    waiting: list[tuple] = [((-9, -9.0), 0, start, [])]
    done: set[Record] = set()
    while waiting:
        weakest, length, record, chain = heapq.heappop(waiting)
        if record == end:
            return chain
        if record in done:
            continue
        done.add(record)
        for link in by_record.get(record, []):
            if link.other(record) not in done:
                step = (max(weakest, link.weakness), length + 1, link.other(record))
                heapq.heappush(waiting, (*step, [*chain, (link, record)]))
    return []


def _record(connection: duckdb.DuckDBPyConnection, name: str, key: bytes) -> Record:
    system, colon, source_id = name.partition(":")
    if system not in PERSON_TABLES or not colon or not source_id:
        raise ConfigurationError(
            f'"{name}" names no record: write its system and id, as in pos:M000123 '
            f"(systems: {', '.join(PERSON_TABLES)})."
        )
    return system, record_hash(key, system, source_id)


def _customer(connection: duckdb.DuckDBPyConnection, record: Record, name: str) -> str:
    row = connection.execute(
        "select customer_key from intermediate.int_customer_identity "
        "where source_system = ? and source_id = ?",
        record,
    ).fetchone()
    if row is None:
        raise ConfigurationError(f"the warehouse has no record {name}.")
    return row[0]


def _links(connection: duckdb.DuckDBPyConnection, customer_key: str) -> list[Link]:
    rows = connection.execute(
        "select a.source_system, a.source_id, b.source_system, b.source_id, e.rule, e.strength, "
        "e.confidence, r.description from intermediate.int_identity_edges e "
        "join seeds.identity_rules r using (rule) "
        "join intermediate.int_identity_records a on e.node_a = a.record_id "
        "join intermediate.int_identity_records b on e.node_b = b.record_id "
        "join intermediate.int_customer_links la on e.node_a = la.record_id "
        "join intermediate.int_customer_links lb on e.node_b = lb.record_id "
        "join intermediate.int_customer_anchors k on la.minted_number = k.minted_number "
        "where k.customer_key = ? and lb.minted_number = la.minted_number "
        "and la.unlinked_on is null and lb.unlinked_on is null order by all",
        [customer_key],
    ).fetchall()
    return [Link((r[0], r[1]), (r[2], r[3]), *r[4:]) for r in rows]


def _against(connection: duckdb.DuckDBPyConnection, records: list[Record]) -> list[str]:
    """What kept them apart although something links them directly."""
    pair = [*records[0], *records[1]]
    for values in (pair, pair[2:] + pair[:2]):
        decision = connection.execute(
            "select file, line from identity.overrides where action = 'never' and "
            "source_system_a = ? and source_id_a = ? and source_system_b = ? and source_id_b = ?",
            values,
        ).fetchone()
        if decision:
            return [f'  A decision says "never": {decision[0]}, line {decision[1]}.']
    edge = connection.execute(
        "select e.rule from intermediate.int_identity_edges e "
        "join intermediate.int_identity_records a on a.record_id in (e.node_a, e.node_b) "
        "join intermediate.int_identity_records b on b.record_id in (e.node_a, e.node_b) "
        "where (a.source_system, a.source_id) = (?, ?) and (b.source_system, b.source_id) = (?, ?)",
        pair,
    ).fetchone()
    if edge is None:
        return ["  No rule links them directly."]
    return [
        f"  {edge[0]} links them, and the link was dropped: with it the person would have two "
        "birth dates, two given names, two cards that nothing strong joins, or too many records."
    ]


def _plain(connection: duckdb.DuckDBPyConnection, record: Record) -> str:
    system, source_id = record
    table, column = PERSON_TABLES[system].qualified_name, id_column(system)
    row = connection.execute(
        f"select {column} from {table} where {column}_hash = ? limit 1",
        [source_id],
    ).fetchone()
    return f"{system}:{row[0]}" if row else f"{system} (in no master)"
