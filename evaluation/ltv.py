"""How right the predictions of lifetime value are: `tokui evaluate ltv`.

Predicted purchase days of the next 365 days against an oracle's, which has the parameters planted
in each person and knows who is still there; and who is gone, by order of P(alive). What campaigns
plant comes on top of both: the warehouse learned from receipts that campaigns brought as well. They
bring those who are gone, too, which no history tells; so the same models are also fitted to the
receipts that no campaign brought.

Bounds hold for the people whom the books' process was planted in, in groups of a thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.ltv_organic import without_campaigns
from evaluation.ltv_truth import YEAR_DAYS, Customers, Judged, read
from evaluation.ranking import auc, learned_score, tenths
from evaluation.truth import NoTruthError

MAX_TOTAL_ERROR = 0.05
MAX_GROUP_ERROR = 0.10
MIN_GROUP = 1_000
MAX_AUC_LOSS = 0.01


@dataclass(frozen=True)
class Group:
    """Purchase days of some customers in the next 365 days, by who says so.

    `oracle` includes what campaigns plant, `by_campaigns`; `drawn` is what the demo will do.
    """

    kind: str
    name: str
    customers: int
    predicted: float
    naive: float
    oracle: float
    by_campaigns: float
    drawn: float

    @property
    def ratio(self) -> float | None:
        """Predicted ÷ oracle."""
        return self.predicted / self.oracle if self.oracle else None


@dataclass(frozen=True)
class Order:
    """AUC of ways to tell who is still alive from who is gone; None where all are alike.

    `same_data`: what repeats, days of silence and age allow to somebody who learned from the truth
    who of the like was alive. `oracle`: by each person's own rate and drop-out, which no receipts
    tell.
    """

    warehouse: float | None
    naive: float | None
    silence: float | None
    same_data: float | None
    oracle: float | None


@dataclass(frozen=True)
class LtvReport:
    """Groups and orders of those who follow the model, and of those who do not.

    `groups`: all, then each segment of the warehouse, each tenth by prediction, each planted
    segment. `of_several` counts customers of several people, who are not judged.
    """

    groups: tuple[Group, ...]
    order: Order
    others: tuple[Group, ...]
    order_of_others: Order
    of_several: int


def evaluate(home: Path) -> tuple[LtvReport, LtvReport]:
    """Judge the predictions of the current warehouse of a home, and those without campaigns.

    Raises:
        NoTruthError: the home has no truth, no warehouse or no predictions.
    """
    demo = read(home)
    return report_on(demo.judged), report_on(without_campaigns(demo))


def report_on(judged: Judged) -> LtvReport:
    """The report on customers and the truth about them."""
    customers, planted = judged.customers, judged.planted
    follows = np.flatnonzero(planted.follows_model)
    others = np.flatnonzero(~planted.follows_model)
    keys = {
        "segment": customers.ltv_segment,
        "tenth": np.array([f"{n:2}" for n in range(11)])[_tenths_of(judged, follows)],
        "planted": planted.segment,
    }
    groups = [_group(judged, "all", "", follows)]
    for kind, key in keys.items():
        groups += _by(judged, kind, key, follows)
    return LtvReport(
        groups=tuple(groups),
        order=_order(judged, follows, has_oracle=True),
        others=tuple(_by(judged, "planted", planted.segment, others)),
        order_of_others=_order(judged, others, has_oracle=False),
        of_several=judged.of_several,
    )


def out_of_bounds(report: LtvReport) -> list[str]:
    """What the predictions miss, in words; empty when all bounds hold."""
    found = []
    for group in report.groups:
        bound = _bound(group)
        if bound is not None and group.ratio is not None and abs(group.ratio - 1) > bound:
            name = f"{group.kind} {group.name}".strip()
            found.append(f"{name}: predicted ÷ oracle is {group.ratio:.3f}, beyond {bound:.0%}")
    reached, possible = report.order.warehouse, report.order.same_data
    if reached is not None and possible is not None and reached < possible - MAX_AUC_LOSS:
        found.append(f"AUC is {reached:.4f}, more than {MAX_AUC_LOSS} below {possible:.4f}")
    return found


def main(home: Path, *, judge: bool = False) -> int:
    """Print the report of a home; 0, or 2 when there is nothing to judge.

    Args:
        judge: return 1 when a bound is missed.
    """
    try:
        published, organic = evaluate(home)
    except NoTruthError as error:
        print(f"tokui: {error}")
        return 2
    missed = False
    for title, report in (("As published", published), ("Without campaigns", organic)):
        complaints = out_of_bounds(report)
        missed |= bool(complaints)
        print(f"{title}:", *render(report), *complaints, "", sep="\n")
    return int(judge and missed)


def render(report: LtvReport) -> list[str]:
    """The report as lines of text."""
    whole = report.groups[0]
    lines = [
        f"purchase days of the next {YEAR_DAYS} days, {whole.customers:,} customers whose person "
        f"buys until gone ({report.of_several:,} of several people are not judged)",
        _HEAD,
        *(_line(group) for group in report.groups),
        "those who follow no such model",
        *(_line(group) for group in report.others),
        "",
        f"{'AUC of being alive':<26}{'of the model':>14}{'the others':>14}",
    ]
    for label, name in _ORDERS:
        cells = [getattr(order, name) for order in (report.order, report.order_of_others)]
        lines.append(f"{label:<26}" + "".join(f"{_rate(cell):>14}" for cell in cells))
    return lines


_HEAD = (
    f"{'':<26}{'customers':>10}{'predicted':>11}{'oracle':>11}{'ratio':>8}"
    f"{'campaigns':>11}{'drawn':>11}{'naive':>11}"
)
_ORDERS = (
    ("warehouse", "warehouse"),
    ("naive rate", "naive"),
    ("days of silence", "silence"),
    ("learned from the truth", "same_data"),
    ("oracle", "oracle"),
)


def _tenths_of(judged: Judged, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Tenths of some customers by prediction; 0 of the others."""
    found = np.zeros(len(judged.customers), dtype=np.int64)
    found[rows] = tenths(judged.customers.expected[rows])
    return found


def _by(
    judged: Judged, kind: str, key: NDArray[np.str_], rows: NDArray[np.int64]
) -> Iterator[Group]:
    for name in np.unique(key[rows]):
        yield _group(judged, kind, str(name).strip(), rows[key[rows] == name])


def _group(judged: Judged, kind: str, name: str, rows: NDArray[np.int64]) -> Group:
    customers, planted = judged.customers, judged.planted
    by_campaigns = float(planted.by_campaigns[rows].sum())
    drawn = float(planted.drawn[rows].sum())
    expected = planted.expected[rows]
    # Whom no process of the books was planted in, only what was drawn tells of.
    organic = float(expected.sum()) if not np.isnan(expected).any() else drawn - by_campaigns
    return Group(
        kind=kind,
        name=name,
        customers=len(rows),
        predicted=float(customers.expected[rows].sum()),
        naive=float(naive_rate(customers)[rows].sum() * YEAR_DAYS),
        oracle=organic + by_campaigns,
        by_campaigns=by_campaigns,
        drawn=drawn,
    )


def naive_rate(customers: Customers) -> NDArray[np.float64]:
    """Repeat purchase days a day so far, as if everybody went on for ever."""
    return customers.repeats / np.maximum(customers.observed, 1)


def _order(judged: Judged, rows: NDArray[np.int64], *, has_oracle: bool) -> Order:
    customers, alive = judged.customers, judged.planted.is_alive[rows]
    repeats, observed = customers.repeats[rows], customers.observed[rows]
    silent = observed - customers.to_last[rows]
    if not len(rows):
        return Order(None, None, None, None, None)
    return Order(
        warehouse=auc(alive, customers.p_alive[rows]),
        naive=auc(alive, naive_rate(customers)[rows]),
        silence=auc(alive, -silent),
        same_data=auc(alive, learned_score(alive, repeats, silent, observed)),
        oracle=auc(alive, judged.planted.p_alive[rows]) if has_oracle else None,
    )


def _bound(group: Group) -> float | None:
    """How far predicted ÷ oracle may be from 1; None where nothing is asked."""
    if group.kind == "all":
        return MAX_TOTAL_ERROR
    is_judged = group.kind in ("segment", "tenth") and group.customers >= MIN_GROUP
    return MAX_GROUP_ERROR if is_judged else None


def _line(group: Group) -> str:
    bound, ratio = _bound(group), group.ratio
    missed = bound is not None and ratio is not None and abs(ratio - 1) > bound
    counts: Iterable[float] = (group.by_campaigns, group.drawn, group.naive)
    return (
        f"{f'{group.kind} {group.name}':<26}{group.customers:>10,}{group.predicted:>11,.0f}"
        f"{group.oracle:>11,.0f}{_ratio(ratio) + ('*' if missed else ' '):>8}"
        + "".join(f"{count:>11,.0f}" for count in counts)
    )


def _ratio(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"


def _rate(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"
