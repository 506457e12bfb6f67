"""Scores of a partition of records into clusters against the people behind them.

Everything comes from the contingency table (cluster × person → records), so that a cluster of
7,000 records costs one row and not 24 million pairs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Scores:
    """Counts of records, clusters and pairs; the rates follow from them.

    A pair is an unordered pair of different records. A rate without a denominator is None.
    """

    records: int
    people: int
    clusters: int
    predicted_pairs: int
    true_pairs: int
    correct_pairs: int
    wrong_pairs_in_households: int
    biggest_cluster: int
    biggest_mixed_cluster: int
    mixed_clusters: int
    split_people: int
    bcubed_precision: float | None
    bcubed_recall: float | None

    @property
    def precision(self) -> float | None:
        """Share of the joined pairs that are one person."""
        return _ratio(self.correct_pairs, self.predicted_pairs)

    @property
    def recall(self) -> float | None:
        """Share of one person's pairs that are joined."""
        return _ratio(self.correct_pairs, self.true_pairs)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of pairwise precision and recall."""
        return _harmonic_mean(self.precision, self.recall)

    @property
    def bcubed_f1(self) -> float | None:
        """Harmonic mean of B-cubed precision and recall."""
        return _harmonic_mean(self.bcubed_precision, self.bcubed_recall)

    @property
    def wrong_pairs_elsewhere(self) -> int:
        """Joined pairs of two people who do not live together: the harmful ones."""
        return self.predicted_pairs - self.correct_pairs - self.wrong_pairs_in_households


def score(connection: duckdb.DuckDBPyConnection, relation: str) -> Scores:
    """Score a relation with one row a record: `cluster`, `person`, `household`.

    A person without a household lives alone. Pairwise rates count pairs; B-cubed averages, over
    records, the share of the record's cluster that is its person (precision) and the share of its
    person that is in its cluster (recall), after Bagga and Baldwin (1998).
    """
    connection.execute(
        f"create or replace temp table contingency as select cluster, person, "
        f"coalesce(cast(any_value(household) as varchar), 'alone ' || person) as household, "
        f"count(*) as n from {relation} group by cluster, person"
    )
    records, predicted, biggest, clusters = _sizes(connection, "cluster")
    _, true, _, people = _sizes(connection, "person")
    _, correct, _, _ = _sizes(connection, "cluster, person")
    _, in_households, _, _ = _sizes(connection, "cluster, household")
    mixed, biggest_mixed = connection.execute(
        "select count(*), coalesce(max(size), 0) from (select sum(n)::bigint as size "
        "from contingency group by cluster having count(*) > 1)"
    ).fetchone()
    (split,) = connection.execute(
        "select count(*) from (select person from contingency group by person having count(*) > 1)"
    ).fetchone()
    return Scores(
        records=records,
        people=people,
        clusters=clusters,
        predicted_pairs=predicted,
        true_pairs=true,
        correct_pairs=correct,
        wrong_pairs_in_households=in_households - correct,
        biggest_cluster=biggest,
        biggest_mixed_cluster=biggest_mixed,
        mixed_clusters=mixed,
        split_people=split,
        bcubed_precision=_bcubed(connection, "cluster", records),
        bcubed_recall=_bcubed(connection, "person", records),
    )


def _sizes(connection: duckdb.DuckDBPyConnection, keys: str) -> tuple[int, int, int, int]:
    """Records, pairs within a group, biggest group and number of groups of a grouping."""
    return connection.execute(
        "select coalesce(sum(size), 0)::bigint, coalesce(sum(size * (size - 1) // 2), 0)::bigint, "
        "coalesce(max(size), 0), count(*) from "
        f"(select sum(n)::bigint as size from contingency group by {keys})"
    ).fetchone()


def _bcubed(connection: duckdb.DuckDBPyConnection, side: str, records: int) -> float | None:
    """Σ n² / (size of the cell's cluster or person) over the cells, per record.

    Cells are summed as integers for each size, so that the order of rows cannot change a digit.
    """
    sums = connection.execute(
        "select size, sum(n * n)::bigint from (select n, "
        f"sum(n) over (partition by {side})::bigint as size from contingency) "
        "group by size order by size"
    ).fetchall()
    return _ratio(math.fsum(squares / size for size, squares in sums), records)


def _ratio(numerator: float, denominator: int) -> float | None:
    return numerator / denominator if denominator else None


def _harmonic_mean(a: float | None, b: float | None) -> float | None:
    if a is None or b is None:
        return None
    return 2 * a * b / (a + b) if a + b else 0.0
