"""Bounds of the certificate, on reports that break one each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluation.certificate import out_of_bounds
from evaluation.identity import IdentityReport
from evaluation.partition import Scores

SOLVED = Scores(
    records=300,
    people=150,
    clusters=220,
    predicted_pairs=57,
    true_pairs=100,
    correct_pairs=56,
    wrong_pairs_in_households=1,
    biggest_cluster=4,
    biggest_mixed_cluster=2,
    mixed_clusters=1,
    split_people=40,
    bcubed_precision=0.99,
    bcubed_recall=0.8,
)
GOOD = IdentityReport(
    warehouse=SOLVED,
    naive=replace(SOLVED, predicted_pairs=20_000, correct_pairs=48),
    reference=replace(SOLVED, predicted_pairs=63, correct_pairs=63),
    usable_share=0.55,
    not_yet_known=0,
    without_truth=0,
)


def test_a_hard_retailer_that_is_solved_holds() -> None:
    assert out_of_bounds(GOOD) == []


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (
            replace(
                GOOD,
                usable_share=0.61,
                warehouse=replace(SOLVED, correct_pairs=59, predicted_pairs=60),
            ),
            "usable key",
        ),
        (replace(GOOD, usable_share=0.49), "usable key"),
        (replace(GOOD, usable_share=None), "usable key"),
        (replace(GOOD, naive=replace(SOLVED, predicted_pairs=500)), "naive"),
        (replace(GOOD, warehouse=replace(SOLVED, predicted_pairs=59)), "precision"),
        (replace(GOOD, warehouse=replace(SOLVED, correct_pairs=52, predicted_pairs=52)), "recall"),
        (replace(GOOD, warehouse=replace(SOLVED, bcubed_recall=0.7)), "B-cubed"),
        (replace(GOOD, warehouse=replace(SOLVED, biggest_mixed_cluster=9)), "more than 8"),
    ],
)
def test_what_does_not_hold_is_named(broken: IdentityReport, complaint: str) -> None:
    (found,) = out_of_bounds(broken)
    assert complaint in found
