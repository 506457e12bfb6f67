"""Maximum likelihood over positive parameters, with a prior on their logarithms if asked.

Every model here has a handful of positive parameters and knows its gradient. The search runs over
logarithms, so that no step leaves the positive side. Sums use no matrix product: BLAS would share
them among threads and round differently from machine to machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Array = NDArray[np.float64]
LogLikelihood = Callable[[Array], tuple[float, Array]]
"""Parameters to their log-likelihood and its gradient with respect to them."""

BOUND = 14.0
"""Logarithms stay within this distance of 0: 1.2 million times more or less."""

_GRADIENT_TOLERANCE = 1e-6
_POLISHING_STEPS = 8
_DIFFERENCE = 1e-5


@dataclass(frozen=True)
class Prior:
    """What is known of the logarithms before the data: normal around `center`, spread `sd`.

    It weighs as much as data that would put each logarithm into `center` ± `sd`, so a large sample
    hardly feels it, and a small one, or a direction that the data do not tell, stays with it.
    """

    center: tuple[float, ...]
    sd: float


@dataclass(frozen=True)
class Optimum:
    """Where the search ended; `log_likelihood` is that of the data, without the prior."""

    values: tuple[float, ...]
    log_likelihood: float
    converged: bool
    message: str


def maximise(
    log_likelihood: LogLikelihood,
    starts: Sequence[Sequence[float]],
    weight: float,
    prior: Prior | None = None,
    lower: Sequence[float] | None = None,
    upper: Sequence[float] | None = None,
) -> Optimum:
    """The parameters of greatest (penalised) likelihood, from the best of several starts.

    Args:
        weight: number of observations; the gradient must vanish per observation.
        lower, upper: bounds of the parameters, where a model needs narrower ones.
    """
    size = len(starts[0])
    floor = np.full(size, -BOUND) if lower is None else np.log(np.asarray(lower, dtype=float))
    ceiling = np.full(size, BOUND) if upper is None else np.log(np.asarray(upper, dtype=float))

    def cost(logs: Array) -> tuple[float, Array]:
        values = np.exp(logs)
        height, slope = log_likelihood(values)
        slope = slope * values
        if prior is not None:
            away = (logs - np.asarray(prior.center)) / prior.sd
            height -= 0.5 * float((away * away).sum())
            slope = slope - away / prior.sd
        if not np.isfinite(height):
            return np.inf, np.zeros(size)
        return -height / weight, -slope / weight

    found = [_search(cost, np.log(np.asarray(s, dtype=float)), floor, ceiling) for s in starts]
    logs = min(found, key=lambda one: cost(one)[0])
    logs = _polish(cost, logs, floor, ceiling)
    left = float(np.abs(_free(cost(logs)[1], logs, floor, ceiling)).max())
    values = np.exp(logs)
    height = log_likelihood(values)[0]
    converged = bool(left < _GRADIENT_TOLERANCE and np.isfinite(height))
    message = "converged" if converged else f"gradient of {left:.1e} left"
    if converged and bool(((logs <= floor) | (logs >= ceiling)).any()):
        message = "converged at a bound"
    return Optimum(tuple(float(v) for v in values), float(height), converged, message)


def _search(
    cost: Callable[[Array], tuple[float, Array]], start: Array, floor: Array, ceiling: Array
) -> Array:
    found = minimize(
        cost,
        np.clip(start, floor, ceiling),
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(floor, ceiling, strict=True)),
        options={"maxiter": 1000, "maxfun": 5000, "ftol": 1e-13, "gtol": 1e-8, "maxcor": 20},
    )
    return np.clip(np.asarray(found.x, dtype=float), floor, ceiling)


def _polish(
    cost: Callable[[Array], tuple[float, Array]], logs: Array, floor: Array, ceiling: Array
) -> Array:
    """A few Newton steps: L-BFGS-B ends early on the flat ridge that a and b lie on."""
    value, slope = cost(logs)
    for _ in range(_POLISHING_STEPS):
        free = _free(slope, logs, floor, ceiling)
        if np.abs(free).max() < 1e-12:
            break
        step = _newton_step(cost, logs, slope, free != 0)
        tried = np.clip(logs - step, floor, ceiling)
        next_value, next_slope = cost(tried)
        better = np.abs(_free(next_slope, tried, floor, ceiling)).max() < np.abs(free).max()
        if not (np.isfinite(next_value) and better and next_value <= value + 1e-12 * abs(value)):
            break
        logs, value, slope = tried, next_value, next_slope
    return logs


def _newton_step(
    cost: Callable[[Array], tuple[float, Array]], logs: Array, slope: Array, is_free: NDArray
) -> Array:
    """Newton's step over the free parameters, 0 where the curvature is none of a minimum."""
    size = len(logs)
    curvature = np.empty((size, size))
    for i in range(size):
        shift = np.zeros(size)
        shift[i] = _DIFFERENCE
        ahead, behind = cost(logs + shift)[1], cost(logs - shift)[1]
        curvature[i] = (ahead - behind) / (2 * _DIFFERENCE)
    curvature = 0.5 * (curvature + curvature.T)
    index = np.flatnonzero(is_free)
    part = curvature[np.ix_(index, index)]
    step = np.zeros(size)
    if len(index) and np.isfinite(part).all() and np.linalg.eigvalsh(part).min() > 0:
        step[index] = np.linalg.solve(part, slope[index])
    return np.clip(step, -1.0, 1.0)


def _free(slope: Array, logs: Array, floor: Array, ceiling: Array) -> Array:
    """The gradient without the parts that push against a bound."""
    held = ((logs <= floor) & (slope > 0)) | ((logs >= ceiling) & (slope < 0))
    return np.where(held, 0.0, slope)
