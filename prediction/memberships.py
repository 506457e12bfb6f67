"""Memberships that are sold for some months: who renews, by the sBG model, a row a length."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from prediction import sbg, tables
from prediction.fit import FAILED, FITTED, rounded

if TYPE_CHECKING:
    import duckdb

TERMS = 10
"""Length of the written curves."""


def write(connection: duckdb.DuckDBPyConnection, as_of: date) -> int:
    """Write `sbg_params` and `sbg_curve`; the number of lengths, 0 without memberships sold."""
    params, curve = [], []
    for months, ended, running in _read(connection):
        left, row = int(sum(ended)), {"membership_months": months, "as_of_date": as_of}
        counts = {"memberships": int(sum(ended) + sum(running)), "memberships_left": left}
        try:
            fitted = sbg.fit(ended, running)
            status = FITTED if fitted.converged else FAILED
        except ValueError as error:
            fitted = sbg.RenewalParams(np.nan, np.nan, message=str(error))
            status = FAILED
        row |= counts | {"status": status, "message": fitted.message}
        for name in ("alpha", "beta", "log_likelihood"):
            row[name] = rounded(getattr(fitted, name)) if status == FITTED else None
        params.append(row)
        if status == FITTED:
            curve += _curve(months, fitted)
    tables.replace(connection, "sbg_params", tables.as_columns(params))
    tables.replace(connection, "sbg_curve", tables.as_columns(curve))
    return len(params)


def _read(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, list[int], list[int]]]:
    """Of each length: memberships that ended with term 1, 2, ..., and that run in term 1, 2, ..."""
    rows = connection.execute(
        "select membership_months, term_number, count(*) filter (where outcome = 'left'), "
        "count(*) filter (where outcome = 'running') from intermediate.int_membership_terms "
        "group by membership_months, term_number order by membership_months, term_number"
    ).fetchall()
    found: dict[int, tuple[list[int], list[int]]] = {}
    for months, _, left, running in rows:
        ended, going = found.setdefault(months, ([], []))
        ended.append(left)
        going.append(running)
    return [(months, *counts) for months, counts in found.items()]


def _curve(months: int, params: sbg.RenewalParams) -> list[dict[str, object]]:
    return [
        {
            "membership_months": months,
            "term": term,
            "retention": rounded(float(sbg.retention(params, term))),
            "survival": rounded(float(sbg.survival(params, term))),
            "expected_renewals": rounded(sbg.expected_renewals(params, term - 1, TERMS)),
        }
        for term in range(1, TERMS + 1)
    ]
