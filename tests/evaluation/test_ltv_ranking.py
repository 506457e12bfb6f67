"""Order, tenths and the ceiling, on numbers that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.ranking import auc, learned_score, tenths


def test_auc_counts_the_pairs_in_order() -> None:
    alive = np.array([True, True, False, False])
    # Of four pairs 0.4 beats one and loses to one, 0.9 beats both.
    assert auc(alive, np.array([0.4, 0.9, 0.5, 0.1])) == pytest.approx(3 / 4)


def test_a_tie_is_half_a_pair() -> None:
    alive = np.array([True, False, True, False])
    assert auc(alive, np.ones(4)) == pytest.approx(0.5)
    # 0.5 ties with 0.5 and beats 0.2; 0.2 loses to 0.5 and ties with 0.2.
    assert auc(alive, np.array([0.5, 0.5, 0.2, 0.2])) == pytest.approx(0.5)
    assert auc(alive, np.array([0.5, 0.2, 0.2, 0.2])) == pytest.approx((2 + 1) / 4)


def test_auc_needs_both_kinds() -> None:
    assert auc(np.array([True, True]), np.array([0.1, 0.2])) is None
    assert auc(np.zeros(0, dtype=bool), np.zeros(0)) is None


def test_tenths_are_of_equal_size_without_ties() -> None:
    score = np.random.default_rng(1).permutation(1_000).astype(float)
    found = tenths(score)
    assert np.bincount(found).tolist() == [0, *[100] * 10]
    assert found[score == 99] == 1
    assert found[score == 100] == 2


def test_equal_scores_share_a_tenth() -> None:
    score = np.r_[np.zeros(80), np.arange(1, 21)]
    found = tenths(score)
    assert set(found[:80]) == {5}  # Their middle is the 40th of 100.
    assert found[80:].tolist() == [9] * 10 + [10] * 10


def test_the_ceiling_finds_what_history_tells() -> None:
    rng = np.random.default_rng(2)
    repeats, observed = rng.integers(0, 3, 6_000).astype(float), np.full(6_000, 300.0)
    silent = rng.integers(0, 300, 6_000).astype(float)
    # Silence alone says nothing here, repeats and silence together everything.
    alive = (repeats > 0) ^ (silent > 150)
    assert auc(alive, learned_score(alive, repeats, silent, observed)) > 0.99
    assert auc(alive, -silent) < 0.7


def test_the_ceiling_does_not_learn_from_whom_it_scores() -> None:
    rng = np.random.default_rng(3)
    columns = rng.integers(0, 300, (3, 3_000)).astype(float)
    by_chance = rng.random(3_000) < 0.5
    assert auc(by_chance, learned_score(by_chance, *columns)) == pytest.approx(0.5, abs=0.05)
