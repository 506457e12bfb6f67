"""What a fitted model expects: purchases to come, and the probability that a customer is alive.

Expected purchases are a factor that depends on x and T only, times the probability of being alive,
the one part in which t_x plays. So a small table of factors serves any number of customers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import quad
from scipy.special import betaln, expit, hyp2f1

from prediction.mbg_nbd import Params

Array = NDArray[np.float64]

_NEAR_ONE = 1e-3
_SERIES_TERMS = 200_000


def expected_purchases(
    params: Params,
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,  # noqa: N803  The papers' name.
    t: ArrayLike,
) -> Array:
    """Purchases expected in the time `t` after the end of observation, an array like the inputs.

    Times are in the unit of the fit. Formulas: BG/NBD, Fader, Hardie and Lee (2005), equation 10;
    MBG/NBD, Batislam et al. (2007).
    """
    return growth(params, x, T, t) * p_alive(params, x, t_x, T)


def p_alive(
    params: Params,
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,  # noqa: N803
) -> Array:
    """Probability that a customer has not dropped out by the end of observation.

    1 for every one-time buyer in BG/NBD, which is why the marts use MBG/NBD.
    """
    x, t_x, end = _arrays(x, t_x, T)
    first = params.occasion_before_first_repeat
    stays = params.b + x + first - 1
    may_be_gone = x + first > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = (
            np.log(params.a)
            - np.log(stays)
            + (params.r + x) * (np.log(params.alpha + end) - np.log(params.alpha + t_x))
        )
    return np.where(may_be_gone, expit(-odds), 1.0)


def growth(
    params: Params,
    x: ArrayLike,
    T: ArrayLike,  # noqa: N803
    t: ArrayLike,
) -> Array:
    """Purchases expected in the time `t` of a customer who is surely alive: no t_x in it.

    It is the mean of (1 - (1 + p t / (alpha + T)) ** -(r + x)) / p over p ~ Beta(a, b + occasions).
    The closed form is evaluated after Euler's transform of 2F1, whose first argument is then free
    of x; at a = 1, where numerator and denominator vanish, as a series without the cancellation.
    """
    x, end, t = _arrays(x, T, t)
    r, alpha, a = params.r, params.alpha, params.a
    beta = params.b + x + params.occasion_before_first_repeat
    total = a + beta - 1
    z = t / (alpha + end + t)
    left = params.b + params.occasion_before_first_repeat + a - 1 - r
    if abs(a - 1) < _NEAR_ONE:
        factor = total * _quotient_near_one(a - 1, left, total, z)
    else:
        with np.errstate(all="ignore"):
            kept = np.exp((a - 1) * np.log1p(-z)) * hyp2f1(left, a - 1, total, z)
            factor = total / (a - 1) * (1 - kept)
    return _repaired(factor, params, x, end, t)


def _quotient_near_one(e: float, left: float, total: Array, z: Array) -> Array:
    """(1 - (1 - z)**e 2F1(left, e; total; z)) / e for a small e, 0 included, term by term."""
    log_kept = np.log1p(-z)
    plain = -log_kept if e == 0 else -np.expm1(e * log_kept) / e
    term = left * z / total
    series = term.copy()
    for n in range(1, _SERIES_TERMS):
        term = term * (left + n) * (e + n) * z / ((total + n) * (n + 1))
        series += term
        if np.abs(term).max(initial=0.0) < 1e-17 * (1 - z.max(initial=0.0)):
            break
    return plain - np.exp(e * log_kept) * series


def _repaired(factor: Array, params: Params, x: Array, end: Array, t: Array) -> Array:
    """Integrate where the closed form broke down, which bounds of the true value tell."""
    most = (params.r + x) * t / (params.alpha + end)
    wrong = ~np.isfinite(factor) | (factor < 0) | (factor > most * (1 + 1e-9) + 1e-12)
    for index in np.argwhere(np.atleast_1d(wrong)):
        place = tuple(index) if factor.ndim else ()
        factor[place] = _integral(params, float(x[place]), float(end[place]), float(t[place]))
    return factor


def _integral(params: Params, x: float, end: float, t: float) -> float:
    """The factor by quadrature over the logit of p: slow, and right where the other fails."""
    beta = params.b + x + params.occasion_before_first_repeat
    log_norm = betaln(params.a, beta)

    def density(u: float) -> float:
        p, rest = float(expit(u)), float(expit(-u))
        if p == 0.0 or rest == 0.0:
            return 0.0
        weight = np.exp(params.a * np.log(p) + beta * np.log(rest) - log_norm)
        return weight * -np.expm1(-(params.r + x) * np.log1p(p * t / (params.alpha + end))) / p

    middle = float(np.log(params.a / beta))
    parts = [quad(density, middle - 40 / min(params.a, 1.0), middle, limit=500, epsabs=0)[0]]
    parts.append(quad(density, middle, middle + 40 + 40 / min(beta, 1.0), limit=500, epsabs=0)[0])
    return float(sum(parts))


def _arrays(*values: ArrayLike) -> tuple[Array, ...]:
    broadcast = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values))
    return tuple(np.array(value) for value in broadcast)
