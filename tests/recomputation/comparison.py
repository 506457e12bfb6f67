"""One comparison for all tables: to the cent, to 1e-9, exactly, on all rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

TOLERANCE = 1.5e-9
"""Both sides round to nine places, so that they may lie one unit of the last place apart."""
RELATIVE = 1e-12
"""What a double of a large amount cannot tell apart; far below a cent for any amount here."""
SHOWN = 3


def assert_same(
    published: pd.DataFrame, recomputed: pd.DataFrame, key: list[str], name: str = "table"
) -> None:
    """Compare two tables on all rows and on each column that was recomputed.

    A missing value equals a missing value alone.

    Raises:
        AssertionError: says for each column how many rows differ and shows the first of them with
            its key and both values.
    """
    unknown = [column for column in recomputed.columns if column not in published.columns]
    assert not unknown, f"{name}: no column {', '.join(unknown)} is published"
    published, recomputed = published[list(recomputed.columns)], recomputed.copy()
    for column in recomputed.columns:
        recomputed[column] = _like(published[column], recomputed[column])
    for side, table in (("published", published), ("recomputed", recomputed)):
        twice = table.duplicated(key).sum()
        assert not twice, f"{name}: {twice} rows of the {side} table have a key of another row"
    both = published.merge(
        recomputed, on=key, how="outer", suffixes=("|published", "|recomputed"), indicator="_in"
    )
    found = [
        _describe(name, f"rows are {side} alone", both[both["_in"] == which], key, len(both))
        for which, side in (("left_only", "published"), ("right_only", "recomputed"))
    ]
    both = both[both["_in"] == "both"]
    for column in recomputed.columns:
        if column in key:
            continue
        one, other = both[f"{column}|published"], both[f"{column}|recomputed"]
        shown = [*key, f"{column}|published", f"{column}|recomputed"]
        found.append(
            _describe(
                name, f"rows differ in {column}", both[_differs(one, other)], shown, len(both)
            )
        )
    messages = [message for message in found if message]
    assert not messages, "\n".join(messages)


def _describe(name: str, what: str, rows: pd.DataFrame, shown: list[str], total: int) -> str:
    if rows.empty:
        return ""
    lines = [f"{name}: {len(rows)} of {total} {what}"]
    for values in rows[shown].head(SHOWN).itertuples(index=False):
        pairs = zip(shown, values, strict=True)
        lines.append("    " + ", ".join(f"{n}={v!s}" for n, v in pairs))
    return "\n".join(lines)


def _differs(one: pd.Series, other: pd.Series) -> np.ndarray:
    missing, other_missing = one.isna().to_numpy(), other.isna().to_numpy()
    if _is_number(one):
        a = one.to_numpy(float, na_value=np.nan)
        b = other.to_numpy(float, na_value=np.nan)
        with np.errstate(invalid="ignore"):
            differs = np.abs(a - b) > TOLERANCE + RELATIVE * np.abs(a)
    else:
        differs = (one.astype(object) != other.astype(object)).to_numpy(bool)
    return np.where(missing | other_missing, missing != other_missing, differs)


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _like(published: pd.Series, recomputed: pd.Series) -> pd.Series:
    """The recomputed column with the type of the published one."""
    if pd.api.types.is_datetime64_any_dtype(published):
        return pd.to_datetime(recomputed).astype(published.dtype)
    if pd.api.types.is_bool_dtype(published):
        return recomputed.astype("boolean")
    if _is_number(published):
        return pd.to_numeric(recomputed).astype("Float64" if _has_gaps(recomputed) else float)
    return recomputed.astype(object).where(recomputed.notna(), None)


def _has_gaps(column: pd.Series) -> bool:
    return bool(column.isna().any())
