"""Measures of a prediction that know nothing of what is predicted: order, tenths, the ceiling."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TENTHS = 10
_REPEAT_BANDS = (1, 2, 3, 4, 6, 9, 14, 22)
_RECENCY_BANDS, _AGE_BANDS = 20, 4
_MIN_CELL = 40
_FOLDS = 5


def auc(is_positive: NDArray[np.bool_], score: Array) -> float | None:
    """Probability that a positive scores above a negative, ties counting half; None without both.

    Args:
        is_positive: what the score should be high for.
    """
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[place.ravel()]
    positives = int(is_positive.sum())
    negatives = len(is_positive) - positives
    if not positives or not negatives:
        return None
    above = rank[is_positive].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def tenths(score: Array) -> NDArray[np.int64]:
    """The tenth that each score lies in, 1 the lowest; equal scores share one."""
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    middle = (np.cumsum(counts) - counts / 2)[place.ravel()]
    return np.minimum((TENTHS * middle / max(len(score), 1)).astype(np.int64) + 1, TENTHS)


def learned_score(
    is_positive: NDArray[np.bool_], repeats: Array, silent: Array, observed: Array
) -> Array:
    """Share of positives among customers of like history: about the best that one can tell.

    Likes are cells of repeats, then of days of silence, then of age; the share is counted among
    four fifths of the customers and given to the last fifth, so that nobody scores himself.
    """
    cell = _cells(repeats, silent, observed)
    fold = np.arange(len(cell)) % _FOLDS
    score = np.zeros(len(cell))
    for number in range(_FOLDS):
        learn, judge = fold != number, fold == number
        size = np.bincount(cell[learn], minlength=cell.max() + 1)
        found = np.bincount(cell[learn], is_positive[learn], minlength=cell.max() + 1)
        overall = is_positive[learn].mean() if learn.any() else 0.0
        score[judge] = ((found + overall) / (size + 1))[cell[judge]]
    return score


def _cells(repeats: Array, silent: Array, observed: Array) -> NDArray[np.int64]:
    cell = np.searchsorted(_REPEAT_BANDS, repeats, side="right")
    for values, bands in ((silent, _RECENCY_BANDS), (observed, _AGE_BANDS)):
        split = np.zeros(len(cell), dtype=np.int64)
        for one in np.unique(cell):
            rows = np.flatnonzero(cell == one)
            parts = max(1, min(bands, len(rows) // _MIN_CELL))
            order = np.argsort(np.argsort(values[rows], kind="stable"), kind="stable")
            split[rows] = order * parts // len(rows)
        _, cell = np.unique(cell * max(bands, 1) + split, return_inverse=True)
        cell = cell.ravel()
    return cell
