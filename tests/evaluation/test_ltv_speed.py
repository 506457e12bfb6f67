"""The benchmark judges rightly, and both sides get customers that follow the model."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from evaluation.ltv_speed import (
    ALPHA,
    HORIZON_WEEKS,
    A,
    Answer,
    B,
    R,
    find_lifetimes,
    out_of_bounds,
    ratio,
    run_ours,
    simulate,
)
from prediction import mbg_nbd
from prediction.expected import expected_purchases

OURS = Answer(0.5, 0.5, (R, ALPHA, A, B), 1000.0)


def test_the_simulated_customers_follow_the_parameters() -> None:
    rows = simulate(60_000)
    fitted = mbg_nbd.fit(*rows)
    assert fitted.r == pytest.approx(R, rel=0.06)
    assert fitted.alpha == pytest.approx(ALPHA, rel=0.08)
    mean = expected_purchases(mbg_nbd.Params(R, ALPHA, A, B), *rows, HORIZON_WEEKS).sum()
    assert expected_purchases(fitted, *rows, HORIZON_WEEKS).sum() == pytest.approx(mean, rel=0.03)


def test_all_are_scored_as_one_by_one() -> None:
    answer = run_ours(3_000)
    params = mbg_nbd.Params(*answer.params)
    expected = expected_purchases(params, *simulate(3_000), HORIZON_WEEKS)
    assert answer.expected == pytest.approx(float(np.sum(expected)))


def test_the_bound_is_on_fit_and_scores_together() -> None:
    theirs = Answer(15.0, 5.0, OURS.params, 1000.0)
    assert ratio(OURS, theirs) == 20
    assert out_of_bounds(OURS, theirs) == []
    assert out_of_bounds(OURS, theirs._replace(score_seconds=4.9)) == ["less than 20 times as fast"]


def test_a_fast_answer_must_be_the_same_answer() -> None:
    theirs = Answer(50.0, 5.0, OURS.params, 1011.0)
    assert out_of_bounds(OURS, theirs) == ["1000 purchases expected against 1011"]


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="pip install --no-deps"):
        find_lifetimes(tmp_path)
    (tmp_path / "lifetimes").mkdir()
    assert find_lifetimes(tmp_path) == tmp_path
    assert str(tmp_path) not in sys.path
