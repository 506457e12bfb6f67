"""How difficult the planted people are, on normalised values (a reduced medium retailer).

Held: the share of the true pairs of records that share a usable key is between .50 and .60, and
joining on any equal e-mail or phone, dummies included, has a pairwise precision below .05.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from demo.calendar import BASE_DAYS
from demo.campaign_plan import plan
from demo.identities import Identities
from demo.member_rows import MemberRows
from demo.population import build_population
from demo.requester_rows import RequesterRows
from demo.scale import Scale
from demo.subscriber_rows import SubscriberRows
from ingestion.contract import find_table
from ingestion.normalisation.keys import ROW, identity_keys

REDUCED_MEDIUM = Scale("reduced medium", people=14_000, stores=3)
LAST = BASE_DAYS - 1
KEY = b"a key for tests"

USABLE = """
    a.email_key = b.email_key or a.phone_key = b.phone_key or a.line_key = b.line_key
    or a.member_id = b.member_id
    or (a.full_name_key = b.full_name_key or a.full_kana_key = b.full_kana_key)
        and (a.birth_date = b.birth_date or a.address_key = b.address_key)
"""


@pytest.fixture(scope="module")
def records() -> duckdb.DuckDBPyConnection:
    """Table `records`: one row a record, with its person, keys and plain e-mail and phone."""
    population = build_population(1, REDUCED_MEDIUM)
    identities = Identities(population)
    members = MemberRows(identities)
    sources = {
        "raw_pos.members": (members, population.members),
        "raw_email.subscribers": (
            SubscriberRows(members.values, plan(population)),
            population.subscribers,
        ),
        "raw_support.requesters": (RequesterRows(identities), population.requesters),
    }
    parts = []
    for name, (rows, of) in sources.items():
        index = rows.history.changed(0, LAST)
        table = rows.table(index, LAST)
        given = {column: table[column].cast(pa.string()) for column in table.column_names}
        texts = pa.table({ROW: pa.array(np.arange(len(index))), **given})
        keys = identity_keys(find_table(name), texts, KEY).sort_by(ROW).drop_columns([ROW])
        plain = {
            column: texts[column]
            for column in ("member_id", "birth_date", "email", "phone")
            if column in given
        }
        named = {column: keys[column] for column in keys.column_names}
        parts.append(pa.table({**named, **plain, "person": pa.array(of.person[index])}))
    all_records = pa.concat_tables(parts, promote_options="default")
    all_records = all_records.append_column("n", pa.array(np.arange(len(all_records))))
    connection = duckdb.connect()
    connection.execute("create table records as select * from all_records")
    return connection


def test_share_of_true_pairs_with_a_usable_key(records: duckdb.DuckDBPyConnection) -> None:
    pairs, share = records.execute(
        f"select count(*), avg(case when {USABLE} then 1.0 else 0.0 end) "
        "from records a join records b on a.person = b.person and a.n < b.n"
    ).fetchone()
    assert pairs > 8_000
    assert 0.50 < share < 0.60


def test_naive_join_is_nearly_always_wrong(records: duckdb.DuckDBPyConnection) -> None:
    """Records with one e-mail or one phone (digits, as a naive analyst would compare them) are
    joined, and everything that hangs together."""
    found = records.execute(
        "select n, dense_rank() over (order by kind, value) - 1 from ("
        "select n, 'e' as kind, lower(trim(email)) as value from records "
        "union all select n, 'p', regexp_replace(translate(regexp_replace(phone, '^[+]81 ', '0'), "
        "'０１２３４５６７８９', '0123456789'), '[^0-9]', '', 'g') from records) "
        "where value <> ''"
    ).fetchnumpy()
    record, key = found.values()
    person = records.execute("select person from records order by n").fetchnumpy()["person"]
    component = _components(record, key, len(person))
    joined = _pairs(component)
    right = _pairs(component * (int(person.max()) + 1) + person)
    assert right / _pairs(person) > 0.3
    assert right / joined < 0.05


def _components(record: np.ndarray, key: np.ndarray, n: int) -> np.ndarray:
    """Least record number of each record's component: labels pass over keys until they rest."""
    label = np.arange(n)
    while True:
        least = np.full(key.max() + 1, n)
        np.minimum.at(least, key, label[record])
        passed = label.copy()
        np.minimum.at(passed, record, least[key])
        if np.array_equal(passed, label):
            return label
        label = passed


def _pairs(group: np.ndarray) -> int:
    sizes = np.unique(group, return_counts=True)[1].astype(np.int64)
    return int((sizes * (sizes - 1) // 2).sum())
