"""Lifetime value from the warehouse: reads `intermediate`, writes `prediction`.

A fit uses the purchase days up to the last Sunday on or before the as-of date, so parameters move
once a week; customers are scored as of the date itself. Both are functions of the warehouse and the
date alone. A fit that fails never fails the run: its status says why nothing is predicted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from prediction import backtest, memberships, tables
from prediction.expected import growth
from prediction.fit import (
    ALL,
    DAYS_A_WEEK,
    FAILED,
    INSUFFICIENT,
    Fit,
    FitError,
    as_stored,
    fit_pooled,
    fit_segments,
    rounded,
)
from prediction.histories import PAST, Gate, Past, look_back, segment_names
from prediction.mbg_nbd import MBG_NBD

if TYPE_CHECKING:
    import duckdb

HORIZONS = (30, 90, 365)


@dataclass(frozen=True)
class Report:
    """What a fit came to, for the log: `status` and `message` of all customers."""

    status: str
    message: str
    segments: int = 0
    customers: int = 0
    actual_to_predicted: float | None = None
    memberships: int = 0


def fit_ltv(connection: duckdb.DuckDBPyConnection, as_of: date, gate: Gate) -> Report:
    """Fit, test and write every table of predictions; never raises for what the data are."""
    tables.prepare(connection)
    fitted_memberships = memberships.write(connection, as_of)
    until = fit_date(as_of)
    names = segment_names(connection)
    status, message, pooled, fits = INSUFFICIENT, gate.fault(connection, as_of), None, {}
    if not message:
        try:
            pooled, fits = fit(look_back(connection, until, until), names)
            status, message = pooled.status, pooled.message
        except FitError as error:
            status, message = FAILED, str(error)
    rows = [_params_row(ALL, as_of, until, pooled, status, message)]
    rows += [_params_row(n, as_of, until, f, f.status, f.message) for n, f in fits.items()]
    tables.replace(connection, "clv_params", tables.as_columns(rows))
    _write_growth(connection, fits)
    tested = _write_backtest(connection, as_of, gate, names if pooled else [])
    if pooled is None:
        return Report(status, message, memberships=fitted_memberships)
    customers = int(pooled.purchases.n)
    return Report(status, message, len(names), customers, tested, fitted_memberships)


def fit(past: Past, names: list[str]) -> tuple[Fit, dict[str, Fit]]:
    """The fit of all customers, and of each channel and segment.

    Raises:
        FitError: there is no fit of all customers.
    """
    pooled = fit_pooled(past.histories, past.spends)
    fits = fit_segments(past.histories, past.spends, pooled, names)
    return as_stored(pooled), {name: as_stored(one) for name, one in fits.items()}


def fit_date(as_of: date) -> date:
    """The last Sunday on or before a date."""
    return as_of - timedelta(days=as_of.isoweekday() % 7)


def _params_row(
    name: str, as_of: date, until: date, fit: Fit | None, status: str, message: str
) -> dict[str, object]:
    empty = dict.fromkeys(("r", "alpha", "a", "b", "p", "q", "gamma"))
    row: dict[str, object] = {
        "segment": name,
        "parent_segment": fit.parent if fit else None,
        "as_of_date": as_of,
        "fit_date": until,
        "model": MBG_NBD,
        **empty,
        "spend_scale": None,
        "purchase_log_likelihood": None,
        "spend_log_likelihood": None,
        "customers": None,
        "repeat_customers": None,
        "status": status,
        "message": message,
    }
    if fit is None:
        return row
    purchases, spend = fit.purchases, fit.spend
    return row | {
        **{key: getattr(purchases, key) for key in ("r", "alpha", "a", "b")},
        **{key: getattr(spend, key) for key in ("p", "q", "gamma")},
        "spend_scale": spend.scale,
        "purchase_log_likelihood": rounded(purchases.log_likelihood),
        "spend_log_likelihood": rounded(spend.log_likelihood),
        "customers": int(purchases.n),
        "repeat_customers": int(spend.n),
    }


def _write_growth(connection: duckdb.DuckDBPyConnection, fits: dict[str, Fit]) -> None:
    """The factor of every segment, number of repeats and age that a customer has today."""
    found = connection.execute(
        "select distinct ltv_segment, repeat_days, days_observed from intermediate.int_ltv_inputs "
        "order by ltv_segment, repeat_days, days_observed"
    ).fetchnumpy()
    segments = np.asarray(found["ltv_segment"], dtype=object)
    columns: dict[str, list[object]] = {
        name: [] for name in ("segment", "repeat_days", "days_observed", "horizon_days", "growth")
    }
    for name, fit in fits.items():  # Nobody is in a channel as such.
        kept = segments == name
        x = np.asarray(found["repeat_days"])[kept]
        observed = np.asarray(found["days_observed"])[kept]
        for horizon in HORIZONS:
            values = growth(fit.purchases, x, observed / DAYS_A_WEEK, horizon / DAYS_A_WEEK)
            columns["segment"] += [name] * len(x)
            columns["repeat_days"] += x.tolist()
            columns["days_observed"] += observed.tolist()
            columns["horizon_days"] += [horizon] * len(x)
            columns["growth"] += [rounded(value) for value in values.tolist()]
    tables.replace(connection, "clv_growth", columns)


def _write_backtest(
    connection: duckdb.DuckDBPyConnection, as_of: date, gate: Gate, names: list[str]
) -> float | None:
    """Fit up to `HORIZON_DAYS` ago and compare; what was bought to what was predicted of all."""
    until = as_of - timedelta(days=backtest.HORIZON_DAYS)
    rows: list[dict[str, object]] = []
    if names:
        past = look_back(connection, until, as_of)
        if not gate.fault(connection, until, PAST):
            try:
                _, fits = fit(past, names)
                rows = backtest.judge(past.histories, past.outcome, fits, names)
            except FitError:
                rows = []
    head = {
        "model": MBG_NBD,
        "fit_until": until,
        "predicted_until": as_of,
        "horizon_days": backtest.HORIZON_DAYS,
    }
    tables.replace(connection, "model_backtest", tables.as_columns([head | row for row in rows]))
    return rows[0]["actual_to_predicted"] if rows else None  # type: ignore[return-value]
