"""How well the warehouse knows its people: `tokui evaluate identity`.

Three partitions of the same records: the warehouse's own, the naive one (equal e-mail or phone as
typed, transitively: what a spreadsheet does), and the reference, the best that equal keys can give
(records of one person joined wherever they share a usable key).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation.components import components
from evaluation.partition import Scores, score
from evaluation.truth import NoTruthError, count_unjudged, open_truth

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class IdentityReport:
    """Scores of the three partitions, and what they were judged on.

    `usable_share` is the share of true pairs that share a usable key directly (None without true
    pairs). `not_yet_known` and `without_truth` count records that were not judged.
    """

    warehouse: Scores
    naive: Scores
    reference: Scores
    usable_share: float | None
    not_yet_known: int
    without_truth: int


def evaluate(home: Path) -> IdentityReport:
    """Judge the current warehouse of a home.

    Raises:
        NoTruthError: the home has no truth or no warehouse.
    """
    with open_truth(home) as connection:
        warehouse = score(connection, "records")
        pairs_with_key = _true_pairs_with_usable_key(connection)
        not_yet_known, without_truth = count_unjudged(connection, home)
        return IdentityReport(
            warehouse=warehouse,
            naive=_score_joined(connection, "select record, key from typed_keys"),
            reference=_score_joined(
                connection,
                "select record, person || ' ' || key from usable_keys join records using (record)",
            ),
            usable_share=pairs_with_key / warehouse.true_pairs if warehouse.true_pairs else None,
            not_yet_known=not_yet_known,
            without_truth=without_truth,
        )


def main(home: Path) -> int:
    """Print the report of a home; exit status 0, or 2 when there is nothing to judge."""
    try:
        report = evaluate(home)
    except NoTruthError as error:
        print(f"tokui: {error}")
        return 2
    print("\n".join(render(report)))
    return 0


def render(report: IdentityReport) -> list[str]:
    """The report as lines of text."""
    scores = report.warehouse
    lines = [
        f"{scores.records:,} records of {scores.people:,} people, "
        f"{scores.true_pairs:,} true pairs, {_rate(report.usable_share)} of them "
        "share a usable key "
        f"({report.not_yet_known:,} records are not known yet, "
        f"{report.without_truth:,} have no truth)",
        f"{'':<30}{'warehouse':>14}{'naive':>14}{'reference':>14}",
    ]
    partitions = (report.warehouse, report.naive, report.reference)
    for label, name in _ROWS:
        values = [getattr(partition, name) for partition in partitions]
        lines.append(f"{label:<30}" + "".join(f"{_cell(value):>14}" for value in values))
    return lines


_ROWS = (
    ("clusters", "clusters"),
    ("pairs joined", "predicted_pairs"),
    ("precision", "precision"),
    ("recall", "recall"),
    ("F1", "f1"),
    ("B-cubed precision", "bcubed_precision"),
    ("B-cubed recall", "bcubed_recall"),
    ("B-cubed F1", "bcubed_f1"),
    ("biggest cluster", "biggest_cluster"),
    ("biggest of several people", "biggest_mixed_cluster"),
    ("clusters of several people", "mixed_clusters"),
    ("wrong pairs in a household", "wrong_pairs_in_households"),
    ("wrong pairs elsewhere", "wrong_pairs_elsewhere"),
    ("people in several clusters", "split_people"),
)


def _score_joined(connection: duckdb.DuckDBPyConnection, keys: str) -> Scores:
    """Score the components of the records under (record, key) rows."""
    import pyarrow

    (records,) = connection.execute("select count(*) from records").fetchone()
    clusters = components(records, connection.execute(keys).fetchall())
    joined = pyarrow.table({"record": range(records), "joined": clusters})
    connection.register("joined", joined)
    connection.execute(
        "create or replace temp view judged as "
        "select joined as cluster, person, household from joined join records using (record)"
    )
    return score(connection, "judged")


def _true_pairs_with_usable_key(connection: duckdb.DuckDBPyConnection) -> int:
    (pairs,) = connection.execute(
        "with keys as (select record, key, person from usable_keys join records using (record)) "
        "select count(*) from (select distinct a.record, b.record from keys as a join keys as b "
        "on a.person = b.person and a.key = b.key and a.record < b.record)"
    ).fetchone()
    return pairs


def _cell(value: float | int | None) -> str:
    return f"{value:,}" if isinstance(value, int) else _rate(value)


def _rate(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"
