"""CDNOW through the pipeline: the data set on which the models' published answers stand.

2,357 customers who first bought at the online music shop CDNOW in January to March 1997, and all
they bought until June 1998 (Fader and Hardie; the file is part of PyPI's `lifetimes`, of which
nothing else is read). Every purchase becomes a receipt of one shop. The night of 1997-09-30 must
find the parameters, likelihoods and forecasts that the papers print, from the pipeline's own
tables; the night of 1998-06-30 then says what customers did in weeks 40 to 78.

Eight purchases cost nothing, which is no qualifying order. The papers count them, so they cost a
cent here. Times are weeks: days divided by seven.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evaluation.downloads import find_download
from evaluation.pipeline import refresh
from evaluation.truth import open_current
from prediction import gamma_gamma, mbg_nbd
from prediction.expected import expected_purchases, p_alive

if TYPE_CHECKING:
    import duckdb

DATASET = Path("lifetimes") / "datasets" / "CDNOW_sample.txt"
"""Where the file lies in the package."""

CALIBRATION_END = date(1997, 9, 30)
END = date(1998, 6, 30)
WEEKS_AHEAD = 39
MAX_MAE, MAX_RMSE = 0.77, 1.61
SQL_TOLERANCE = 1e-9

_CENT = Decimal("0.01")
_SETTINGS = """# Settings of CDNOW: purchases of one shop, in dollars without tax.

[run]
# The public key, so that the answer is the same everywhere.
profile = "demo"
now = "1998-07-01T06:00:00-05:00"

[company]
timezone = "America/New_York"
currency = "USD"

[feeds.pos]
path = "feeds/pos"
settle_seconds = 0
"""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Purchase:
    """One line of the file."""

    customer: str
    day: date
    amount: Decimal


@dataclass(frozen=True)
class Calibration:
    """What the pipeline knows of each customer on the last day of calibration, times in weeks.

    `mean_spend` is of repeat purchase days, 0 without any.
    """

    x: Array
    t_x: Array
    T: Array
    mean_spend: Array


@dataclass(frozen=True)
class Check:
    """A number as published, as found, and how far they may lie apart."""

    name: str
    published: float
    found: float
    tolerance: float

    @property
    def holds(self) -> bool:
        return bool(abs(self.found - self.published) <= self.tolerance)


def main(work: Path, dataset: Path | None) -> int:
    """Run both nights and print every number beside the published one; 1 when one differs.

    Args:
        work: folder for the home `cdnow`, made anew.
        dataset: the text file (None: where set-up puts it).
    """
    home = work / "cdnow"
    shutil.rmtree(home, ignore_errors=True)
    write_home(home, read_purchases(dataset or find_dataset()))
    refresh(home, "--as-of", CALIBRATION_END.isoformat())
    with open_current(home) as connection:
        known, keys = read_calibration(connection)
        gap = scoring_gap(connection)
    refresh(home, "--as-of", END.isoformat())
    with open_current(home) as connection:
        later = read_later(connection, keys)
    checks = [*known_answers(known), *hold_out(known, later)]
    checks.append(Check("scores in SQL against SciPy", 0.0, gap, SQL_TOLERANCE))
    for check in checks:
        print(f"{'ok ' if check.holds else 'BAD'} {check.name}: {check.found:.10g}", flush=True)
        if not check.holds:
            print(f"    published: {check.published:.10g}, tolerance {check.tolerance:.3g}")
    return int(not all(check.holds for check in checks))


def find_dataset() -> Path:
    """The file as set-up left it; raises FileNotFoundError as `find_download` does."""
    return find_download(DATASET, "lifetimes")


def read_purchases(path: Path) -> list[Purchase]:
    """The file's lines: two ids, date, number of CDs, dollars."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            _, customer, day, _, amount = line.split()
            parsed = date(int(day[:4]), int(day[4:6]), int(day[6:]))
            found.append(Purchase(customer, parsed, max(Decimal(amount), _CENT)))
    return found


def write_home(home: Path, purchases: list[Purchase]) -> Path:
    """Write feeds and settings of a warehouse; the path of the settings."""
    feeds = home / "feeds" / "pos"
    feeds.mkdir(parents=True)
    for table, rows in _feed_rows(purchases).items():
        with (feeds / f"{table}_19980630.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    settings = home / "tokui.toml"
    settings.write_text(_SETTINGS, encoding="utf-8")
    return settings


def read_calibration(connection: duckdb.DuckDBPyConnection) -> tuple[Calibration, list[str]]:
    """What `intermediate.int_ltv_inputs` knows, and the customers' keys in the same order."""
    found = connection.execute(
        "select customer_key, repeat_days::double as x, days_to_last / 7 as t_x, "
        "days_observed / 7 as T, "
        "coalesce(repeat_net_sales::double / nullif(repeat_days, 0), 0) as mean_spend "
        "from intermediate.int_ltv_inputs order by customer_key"
    ).fetchnumpy()
    keys = [str(key) for key in found.pop("customer_key")]
    return Calibration(**{name: np.asarray(column) for name, column in found.items()}), keys


def read_later(connection: duckdb.DuckDBPyConnection, keys: list[str]) -> Array:
    """Purchase days of each customer after the calibration."""
    counted = dict(
        connection.execute(
            "select customer_key, count(*) from intermediate.int_purchase_days "
            f"where business_date > date '{CALIBRATION_END}' group by customer_key"
        ).fetchall()
    )
    return np.array([float(counted.get(key, 0)) for key in keys])


def known_answers(known: Calibration) -> Iterator[Check]:
    """The published parameters, likelihoods and forecasts, to the digits that are printed."""
    yield Check("customers", 2357, len(known.x), 0)
    yield Check("repeats", 2457, float(known.x.sum()), 0)
    bg = mbg_nbd.fit(known.x, known.t_x, known.T, model=mbg_nbd.BG_NBD)
    yield from _parameters("BG/NBD", bg, {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259})
    yield Check("BG/NBD log-likelihood", -9582.429, bg.log_likelihood, 5e-4)
    mbg = mbg_nbd.fit(known.x, known.t_x, known.T)
    yield from _parameters("MBG/NBD", mbg, {"r": 0.5248, "alpha": 6.183, "a": 0.8914, "b": 1.614})
    yield Check("MBG/NBD log-likelihood", -9582.13, mbg.log_likelihood, 0.01)
    ahead = expected_purchases(mbg, known.x, known.t_x, known.T, WEEKS_AHEAD)
    # Published 1576.736, at parameters rounded to a few digits.
    yield Check("MBG/NBD sum of E[Y(39)]", 1576.736, float(ahead.sum()), 0.02)
    # Customer 1 of the papers: two repeats, the last after 30.43 of 38.86 weeks.
    first = expected_purchases(bg, 2, 213 / 7, 272 / 7, WEEKS_AHEAD)
    yield Check("BG/NBD E[Y(39)] of customer 1", 1.226, float(first), 5e-4)
    is_repeater = known.x > 0
    spend = gamma_gamma.fit(known.x[is_repeater], known.mean_spend[is_repeater])
    yield Check("Gamma-Gamma customers", 946, spend.n, 0)
    yield from _parameters("Gamma-Gamma", spend, {"p": 6.25, "q": 3.744, "gamma": 15.44})
    yield Check("Gamma-Gamma log-likelihood", -4055.92, spend.log_likelihood, 5e-3)


def hold_out(known: Calibration, later: Array) -> Iterator[Check]:
    """How the forecast of weeks 40 to 78 did."""
    yield Check("repeats in weeks 40 to 78", 1882, float(later.sum()), 0)
    fitted = mbg_nbd.fit(known.x, known.t_x, known.T)
    ahead = expected_purchases(fitted, known.x, known.t_x, known.T, WEEKS_AHEAD)
    error = ahead - later
    yield Check("hold-out MAE (at most)", 0.0, float(np.abs(error).mean()), MAX_MAE)
    yield Check("hold-out RMSE (at most)", 0.0, float(np.sqrt((error**2).mean())), MAX_RMSE)


def scoring_gap(connection: duckdb.DuckDBPyConnection) -> float:
    """Greatest difference between scores in `marts.customer_ltv` and those that SciPy gives."""
    worst = 0.0
    for segment, r, alpha, a, b, p, q, gamma in connection.execute(
        "select segment, r, alpha, a, b, p, q, gamma from prediction.clv_params "
        "where segment in (select ltv_segment from marts.customer_ltv) order by segment"
    ).fetchall():
        params = mbg_nbd.Params(r, alpha, a, b)
        found = connection.execute(
            "select i.repeat_days, i.days_to_last, i.days_observed, i.repeat_net_sales::double "
            "as spent, l.p_alive, l.expected_orders_30d, l.expected_orders_90d, "
            "l.expected_orders_365d, l.expected_order_value from marts.customer_ltv as l "
            f"join intermediate.int_ltv_inputs as i using (customer_key) "
            f"where l.ltv_segment = '{segment}'"
        ).fetchnumpy()
        row = {name: np.ma.filled(np.asarray(v, float), np.nan) for name, v in found.items()}
        x, t_x, end = row["repeat_days"], row["days_to_last"] / 7, row["days_observed"] / 7
        gaps = [row["p_alive"] - p_alive(params, x, t_x, end)]
        for days in (30, 90, 365):
            ahead = expected_purchases(params, x, t_x, end, days / 7)
            gaps.append(row[f"expected_orders_{days}d"] - ahead)
        mean = row["spent"] / np.where(x > 0, x, 1)
        value = gamma_gamma.expected_spend(gamma_gamma.SpendParams(p, q, gamma), x, mean)
        gaps.append((row["expected_order_value"] - value) / value)
        found_worst = max(float(np.abs(gap).max()) for gap in gaps)
        worst = found_worst if np.isnan(found_worst) else max(worst, found_worst)
    return worst


def _parameters(name: str, fitted: object, published: dict[str, float]) -> Iterator[Check]:
    """Equal in the digits that are published."""
    for parameter, value in published.items():
        digits = len(f"{value:.10g}".partition(".")[2])
        yield Check(
            f"{name} {parameter}", value, float(getattr(fitted, parameter)), 0.51 * 10**-digits
        )


def _feed_rows(purchases: list[Purchase]) -> dict[str, list[dict[str, object]]]:
    customers = sorted({purchase.customer for purchase in purchases})
    numbered = list(enumerate(purchases, start=1))
    return {
        "stores": [
            {
                "store_id": "CDNOW",
                "name": "CDNOW",
                "channel": "ec",
                "timezone": "America/New_York",
                "currency": "USD",
            }
        ],
        "products": [{"product_id": "CD", "name": "CD", "category_1": "music"}],
        "members": [
            {"member_id": customer, "updated_at": "1997-01-01 00:00:00"} for customer in customers
        ],
        "receipts": [
            {
                "receipt_id": f"R{number}",
                "store_id": "CDNOW",
                "closed_at": f"{purchase.day} 12:00:00",
                "receipt_type": "sale",
                "business_date": purchase.day,
                "register_id": "1",
                "member_id": purchase.customer,
                "total_inc_tax": purchase.amount,
                "tax_total": 0,
                "updated_at": f"{purchase.day} 12:00:00",
            }
            for number, purchase in numbered
        ],
        "receipt_lines": [
            {
                "receipt_id": f"R{number}",
                "line_no": 1,
                "product_id": "CD",
                "quantity": 1,
                "unit_price": purchase.amount,
                "line_amount": purchase.amount,
                "tax_rate": 0,
                "tax_amount": 0,
                "tax_included": "true",
                "line_type": "sale",
            }
            for number, purchase in numbered
        ],
        "payments": [
            {
                "receipt_id": f"R{number}",
                "payment_no": 1,
                "method": "card",
                "amount": purchase.amount,
            }
            for number, purchase in numbered
        ],
        "register_closings": list(_closings(purchases)),
    }


def _closings(purchases: Iterable[Purchase]) -> Iterator[dict[str, object]]:
    of_day: dict[date, list[Decimal]] = {}
    for purchase in purchases:
        of_day.setdefault(purchase.day, []).append(purchase.amount)
    day = min(of_day)
    while day <= END:
        amounts = of_day.get(day, [])
        yield {
            "store_id": "CDNOW",
            "register_id": "1",
            "business_date": day,
            "receipt_count": len(amounts),
            "sales_inc_tax": sum(amounts, Decimal(0)),
            "returns_inc_tax": 0,
        }
        day += timedelta(days=1)
