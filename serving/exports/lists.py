"""A promotion list or a segment with the addresses of its people, for a tool that sends.

The one place where names and addresses leave the warehouse. They are written to one file and to
nothing else: tables with them are of this connection, and are never spilled to disk.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from ingestion.engine import connect_both, literal
from ingestion.errors import ConfigurationError
from serving.exports.addresses import COLUMNS, VERBATIM, reach
from serving.exports.consent_now import LINKS, people
from serving.exports.csv_format import CsvFormat
from serving.exports.csv_text import Written, write_csv
from serving.exports.list_request import CONSENT_CHANNEL, ListRequest, ListResult
from serving.exports.mobile_numbers import mobile_number

_EMAIL = re.compile(r"[\w.#$%&*/?^{}~][\w.#$%&*/?^{}~+=-]*@[\w-]+(\.[\w-]+)+", re.ASCII)
"""Readable by a sending tool, and nothing that a spreadsheet could take for a formula."""
_LINE_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class ListName:
    """A list or segment of the warehouse: `kind` is list or segment.

    `channel` is that of a list as exports call it, empty for a segment. `recipe_hash` tells what
    it means, None where it has nobody. `version` is the publication that the warehouse made.
    """

    kind: str
    list_id: str
    channel: str
    recipe_hash: str | None
    version: str


@contextmanager
def open_warehouse(path: Path, marts: Path | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """The current warehouse and the file of its marts, to read lists and addresses from; nothing
    of it goes to disk.

    Raises:
        ConfigurationError: there is none yet, or a program writes into it.
    """
    if not path.exists() or marts is None:
        raise ConfigurationError("export-list: there is no warehouse yet. Run `tokui refresh`.")
    with ExitStack() as opened:
        try:
            connection = opened.enter_context(connect_both(path, marts, read_only=True))
        except duckdb.IOException as error:
            raise ConfigurationError(
                f"export-list: {path} cannot be opened. A run may be putting it in place, or a "
                f"program has it open for writing: close that, and try again. {error}"
            ) from None
        connection.execute("set temp_directory = ''")
        yield connection


def find_list(connection: duckdb.DuckDBPyConnection, name: str) -> ListName:
    """The list or segment of that name; `list:` or `segment:` before it says which is meant.

    Raises:
        ConfigurationError: there is none, or both are called so.
    """
    asked, colon, list_id = name.partition(":")
    kind, list_id = (asked, list_id) if colon else ("", name)
    known = {
        "list": "select list_id, any_value(channel) from plans.promotion_lists group by 1",
        "segment": "select distinct segment_id, '' from plans.segment_rules",
    }
    found = {
        of: dict(connection.execute(query).fetchall())
        for of, query in known.items()
        if kind in ("", of)
    }
    kinds = [of for of, names in found.items() if list_id in names]
    if len(kinds) != 1:
        raise ConfigurationError(_no_such(name, list_id, kinds, found))
    (kind,) = kinds
    exported_as = {word: channel for channel, word in CONSENT_CHANNEL.items()}
    channel = exported_as.get(found[kind][list_id], "")
    return ListName(kind, list_id, channel, *_provenance(connection, kind, list_id))


def refuse_unknown_campaign(connection: duckdb.DuckDBPyConnection, campaign_id: str) -> None:
    """Refuse a campaign that nobody knows: a mistyped one would hold nobody out.

    Raises:
        ConfigurationError: it is neither a campaign nor one of those that contacts name.
    """
    rows = connection.execute(
        "select campaign_id from staging.stg_email__campaigns "
        "union select campaign_id from staging.stg_email__contacts"
    ).fetchall()
    known = sorted(name for (name,) in rows if name)
    if campaign_id in known:
        return
    near = difflib.get_close_matches(campaign_id, known, n=3) or known[-3:]
    raise ConfigurationError(
        f"export-list: there is no campaign {campaign_id}. "
        f"{'Did you mean ' + ', '.join(near) + '?' if near else 'None is loaded.'}"
    )


def hand_out(
    connection: duckdb.DuckDBPyConnection, request: ListRequest, out: BinaryIO, form: CsvFormat
) -> ListResult:
    """Write whom the request may reach, in the order of the list, one row a person.

    Raises:
        UnwritableError: see `write_csv`.
    """
    refused: Counter[str] = Counter()
    _judge(connection, request)
    counts = connection.execute("select coalesce(reason, ''), count(*) from judged group by 1")
    candidates = dict(counts.fetchall())
    refused.update({reason: number for reason, number in candidates.items() if reason})
    rows = list(_usable_rows(connection, request.channel, refused))
    written = _write(connection, request.channel, rows, out, form)
    return ListResult(
        sum(candidates.values()), written.rows, written.sha256, written.replaced, dict(refused)
    )


def _judge(connection: duckdb.DuckDBPyConnection, request: ListRequest) -> None:
    """Temporary tables `reached`, people with an address, and `judged`, candidates with a reason.

    Reasons of the list come before those that are found now.
    """
    how = reach(request)
    connection.execute(people(request))
    connection.execute(f"create temp table candidates as {_candidates(request)}")
    connection.execute(f"create temp table reached as {how.addresses}")
    connection.execute(f"""
create temp table judged as
select candidates.customer_key, candidates.list_rank, coalesce(
    case when candidates.customer_key not in (select customer_key from {LINKS}) then 'gone' end,
    candidates.reason,
    case
        when candidates.customer_key in (select customer_key from internal) then 'internal'
        when candidates.customer_key in (select customer_key from held_out) then 'held_out'
    end,
    {how.obstacle},
    case when reached.customer_key is null then 'no_address' end
) as reason
from candidates
left join opinions using (customer_key)
left join reached using (customer_key)""")


def _candidates(request: ListRequest) -> str:
    name = literal(request.list_id)
    if request.kind == "list":
        return (
            "select customer_key, list_rank, exclusion_reason as reason "
            f"from marts.promotion_list where list_id = {name}"
        )
    return (
        "select customer_key, cast(null as bigint) as list_rank, cast(null as varchar) as reason "
        f"from marts.segment_membership where segment_id = {name} and is_current"
    )


def _usable_rows(
    connection: duckdb.DuckDBPyConnection, channel: str, refused: Counter[str]
) -> Iterator[dict[str, Any]]:
    """Rows of the file; an address that cannot be used, or is on the list already, is refused."""
    names = COLUMNS[channel]
    listed = ", ".join(f"reached.{name}" for name in names)
    query = connection.execute(
        f"select reached.address_id, {listed} from judged join reached using (customer_key) "
        "where judged.reason is null order by judged.list_rank nulls last, judged.customer_key"
    )
    seen: set[str] = set()
    for address_id, *values in query.fetchall():
        row = dict(zip(names, values, strict=True))
        is_usable, address = _clean(channel, row, address_id)
        if not is_usable or address in seen:
            refused["same_address" if is_usable else "no_address"] += 1
            continue
        seen.add(address)
        yield row


def _clean(channel: str, row: dict[str, Any], address_id: str) -> tuple[bool, str]:
    """Whether a sending tool can use the row's address, and what tells it from others."""
    if channel == "email":
        row["email"] = row["email"].strip()
        return _EMAIL.fullmatch(row["email"]) is not None, address_id
    if channel == "sms":
        row["phone"] = mobile_number(row["phone"])
        return row["phone"] is not None, row["phone"] or ""
    if channel == "line":
        return _LINE_USER.fullmatch(row["line_user_id"]) is not None, address_id
    return True, address_id


def _write(
    connection: duckdb.DuckDBPyConnection,
    channel: str,
    rows: list[dict[str, Any]],
    out: BinaryIO,
    form: CsvFormat,
) -> Written:
    import pyarrow

    schema = pyarrow.schema([(name, pyarrow.string()) for name in COLUMNS[channel]])
    connection.register("handed_out", pyarrow.Table.from_pylist(rows, schema=schema))
    connection.execute("set threads = 1")  # Several hand batches over as they come.
    return write_csv(connection, "select * from handed_out", out, form, VERBATIM)


def _provenance(
    connection: duckdb.DuckDBPyConnection, kind: str, list_id: str
) -> tuple[str | None, str]:
    """What the list means, as a hash, and the publication that the warehouse made."""
    query = {
        "list": "select any_value(recipe_hash) from marts.promotion_list where list_id = ",
        "segment": "select any_value(rule_hash) from marts.segment_summary where segment_id = ",
    }[kind]
    (meaning,) = connection.execute(query + literal(list_id)).fetchall()
    (version,) = connection.execute("select version from ledger.publication").fetchall()
    return meaning[0], version[0]


def _no_such(name: str, list_id: str, kinds: list[str], found: dict[str, dict[str, str]]) -> str:
    if kinds:
        return (
            f"export-list: a list and a segment are called {list_id}: write list:{list_id} or "
            f"segment:{list_id}."
        )
    known = "; ".join(f"{of}s: {', '.join(sorted(names)) or 'none'}" for of, names in found.items())
    return (
        f"export-list: there is no {name}. There are {known or 'list: and segment: as kinds'}. A "
        "list that was written just now is known after the next `tokui refresh`."
    )
