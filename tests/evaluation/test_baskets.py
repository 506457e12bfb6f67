"""The report on pairs: what is planted is found, what popularity explains is not called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluation.baskets import BasketReport, Planted, complaints, evaluate, main, render
from tests.generated import GeneratedRetailer

FOUND = Planted("P1", "P2", 30, 0.4, 9.0, 4.0, True, 1)
REPORT = BasketReport(
    planted=(FOUND, Planted("P3", "P4", None, None, None, None, False, None)),
    others=1_000,
    called={"both are given as gifts": 40, "nothing of these": 5},
    raw_called=600,
    mixed=2_000,
    mixed_called=2,
    mixed_raw_called=900,
)


@pytest.fixture(scope="module")
def generated(generated_demo: GeneratedRetailer) -> BasketReport:
    return evaluate(generated_demo.root)


def test_what_is_planted_is_found_and_popularity_is_no_affinity(generated: BasketReport) -> None:
    listed = [pair for pair in generated.planted if pair.n_ab is not None]
    assert all(pair.is_affinity for pair in listed)
    assert len(generated.planted) == 10
    assert generated.mixed > 0
    assert generated.mixed_called == 0
    assert complaints(generated) == []


def test_a_demo_can_be_judged_by_command(generated_demo: GeneratedRetailer, capsys) -> None:
    assert main(generated_demo.root, judge=True) == 0
    assert "pairs of mixed baskets" in capsys.readouterr().out


def test_a_pair_in_too_few_baskets_is_no_complaint() -> None:
    assert complaints(REPORT) == []
    assert any("in too few baskets" in line for line in render(REPORT))
    assert any("40 both are given as gifts" in line for line in render(REPORT))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"planted": (replace(FOUND, is_affinity=False),)}, "planted and in 30 baskets"),
        ({"mixed_called": 3}, "nothing but popularity"),
        ({"called": {"nothing of these": 51}}, "51 of 1000 pairs"),
    ],
)
def test_what_is_missed_is_said(wrong: dict[str, object], said: str) -> None:
    (complaint,) = complaints(replace(REPORT, **wrong))
    assert said in complaint
