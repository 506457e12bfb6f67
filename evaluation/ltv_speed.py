"""What fitting and scoring costs, here and in `lifetimes`, on the same simulated customers.

Both fit MBG/NBD to all customers and score every one of them: P(alive) and the purchases of the
next 365 days. Each runs in a process of its own, in one sitting, so the ratio means something on
any machine. CPU seconds, without imports.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evaluation.compiled_models import measure
from evaluation.downloads import find_download

MIN_RATIO = 20.0
MAX_DIFFERENCE = 0.01
"""Both must say the same: relative difference of all purchases expected."""

DAYS_A_WEEK = 7.0
HORIZON_WEEKS = 365 / DAYS_A_WEEK
R, ALPHA, A, B = 0.6, 5.0, 0.55, 5.7
"""Parameters of the simulated customers, in weeks: near those of the demo retailer."""

_OBSERVED_DAYS = 730
_SEED = 1

Array = NDArray[np.float64]


class Histories(NamedTuple):
    """Arrays over customers: repeat purchases, weeks to the last of them, weeks observed."""

    x: Array
    t_x: Array
    T: Array


class Answer(NamedTuple):
    """CPU seconds of fit and of scores, the parameters (r, alpha, a, b) and all purchases."""

    fit_seconds: float
    score_seconds: float
    params: tuple[float, ...]
    expected: float


def main(customers: int, lifetimes: Path | None) -> int:
    """Print both answers and the ratio; 1 when it is too small or the answers differ.

    Args:
        lifetimes: the folder that the package is in (None: where set-up puts it).

    Raises:
        FileNotFoundError: it is not there; the message says how to get it.
    """
    folder = find_lifetimes(lifetimes)
    # More threads than this are no faster, and on a busy machine much slower.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    ours, _ = measure(run_ours, customers)
    theirs, _ = measure(run_lifetimes, customers, folder)
    print(f"{customers:,} customers{'fit s':>12}{'score s':>10}{'all s':>10}  r, alpha, a, b")
    for name, answer in (("here", ours), ("lifetimes", theirs)):
        whole = answer.fit_seconds + answer.score_seconds
        params = ", ".join(f"{value:.4f}" for value in answer.params)
        print(
            f"{name:<19}{answer.fit_seconds:>12.2f}{answer.score_seconds:>10.2f}{whole:>10.2f}"
            f"  {params}"
        )
    complaints = out_of_bounds(ours, theirs)
    print(f"ratio {ratio(ours, theirs):.1f}", *complaints, sep="\n")
    return int(bool(complaints))


def ratio(ours: Answer, theirs: Answer) -> float:
    """How many times our CPU seconds theirs are."""
    here, there = (one.fit_seconds + one.score_seconds for one in (ours, theirs))
    return there / here


def out_of_bounds(ours: Answer, theirs: Answer) -> list[str]:
    """What is not as it must be, in words."""
    found = []
    if ratio(ours, theirs) < MIN_RATIO:
        found.append(f"less than {MIN_RATIO:.0f} times as fast")
    if abs(ours.expected / theirs.expected - 1) > MAX_DIFFERENCE:
        found.append(f"{ours.expected:.0f} purchases expected against {theirs.expected:.0f}")
    return found


def find_lifetimes(folder: Path | None) -> Path:
    """The folder that holds the package; raises FileNotFoundError as `find_download` does."""
    return find_download(Path("lifetimes"), "lifetimes autograd dill", folder).parent


def simulate(customers: int) -> Histories:
    """Customers of MBG/NBD, their first purchases on evenly spread days of two years.

    The repeats until drop-out are geometric; of a Poisson number of times that many are kept, and
    the last of n kept out of N uniform times is beta(n, N - n + 1) distributed.
    """
    rng = np.random.default_rng(_SEED)
    observed = (1 + np.arange(customers) % _OBSERVED_DAYS) / DAYS_A_WEEK
    rate, dropout = rng.gamma(R, 1 / ALPHA, customers), rng.beta(A, B, customers)
    dropout = np.clip(dropout, 1e-9, 1 - 1e-9)
    until_gone = np.floor(np.log(1 - rng.random(customers)) / np.log1p(-dropout))
    thinkable = rng.poisson(rate * observed)
    x = np.minimum(thinkable, until_gone)
    share = rng.beta(np.maximum(x, 1), thinkable - x + 1)
    # Whole days, as receipts have them; a repeat is a day after the first at the earliest.
    last = np.clip(np.ceil(share * observed * DAYS_A_WEEK), 1, observed * DAYS_A_WEEK)
    return Histories(x.astype(float), np.where(x > 0, last, 0) / DAYS_A_WEEK, observed)


def run_ours(customers: int) -> Answer:
    """Fit and score with this project's own model."""
    from prediction import mbg_nbd
    from prediction.expected import growth, p_alive

    rows = simulate(customers)
    started = time.process_time()
    params = mbg_nbd.fit(*rows)
    fitted = time.process_time()
    # As the marts do it: a factor a pair of repeats and age, joined to every customer.
    pair = np.rint(rows.x * (_OBSERVED_DAYS + 1) + rows.T * DAYS_A_WEEK).astype(np.int64)
    used = np.flatnonzero(np.bincount(pair))
    x, observed = np.divmod(used, _OBSERVED_DAYS + 1)
    factor = np.zeros(used[-1] + 1)
    factor[used] = growth(params, x, observed / DAYS_A_WEEK, HORIZON_WEEKS)
    expected = factor[pair] * p_alive(params, *rows)
    scored = time.process_time()
    found = (params.r, params.alpha, params.a, params.b)
    return Answer(fitted - started, scored - fitted, found, float(expected.sum()))


def run_lifetimes(customers: int, folder: Path) -> Answer:
    """Fit and score with `lifetimes`, in the folder that it is in."""
    sys.path.append(str(folder))
    from lifetimes import ModifiedBetaGeoFitter

    rows = simulate(customers)
    started = time.process_time()
    fitter = ModifiedBetaGeoFitter()
    fitter.fit(rows.x, rows.t_x, rows.T)
    fitted = time.process_time()
    fitter.conditional_probability_alive(rows.x, rows.t_x, rows.T)
    expected = fitter.conditional_expected_number_of_purchases_up_to_time(
        HORIZON_WEEKS, rows.x, rows.t_x, rows.T
    )
    scored = time.process_time()
    found = tuple(float(fitter.params_[name]) for name in ("r", "alpha", "a", "b"))
    return Answer(fitted - started, scored - fitted, found, float(np.sum(expected)))
