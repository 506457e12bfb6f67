"""Section: days that were published before and have other sales now, because rows came late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from orchestration.report import formats
from orchestration.report.sources import Sources
from words import Text, both, joined

HEADER = ("day", "before", "now", "change", "receipts new", "changed", "gone")
_SHOWN = 10
_COMPARED = (
    "store_id, business_date, receipt_type, net_sales_refund_dated, total_inc_tax, item_quantity"
)


@dataclass(frozen=True)
class Day:
    """Net sales of a day before and now, and its receipts that came, changed or went."""

    day: date
    before: Decimal
    after: Decimal
    came: int
    changed: int
    went: int

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True)
class Restated:
    """Restated days, newest first as far as they are shown; counts and sums are of all."""

    currency: str
    days: tuple[Day, ...]
    n_days: int
    change: Decimal
    receipts: int


def gather(sources: Sources) -> Restated | None:
    """Days up to the last publication's date; None where there is no publication to compare with.

    A receipt that moved from one day to another changed on both.
    """
    if sources.previous is None:
        return None
    days = [Day(*row) for row in sources.query(_query(sources))]
    return Restated(
        currency=sources.currency,
        days=tuple(days[:_SHOWN]),
        n_days=len(days),
        change=sum((day.change for day in days), Decimal(0)),
        receipts=sum(day.came + day.changed + day.went for day in days),
    )


def lines(restated: Restated) -> list[str]:
    """A line a day."""
    if not restated.days:
        return [summary(restated)]
    table = [HEADER, *body(restated)]
    return [summary(restated), *formats.columns(table, right=range(1, len(HEADER)))]


def body(restated: Restated) -> list[tuple[str, ...]]:
    """A row a day."""
    currency = restated.currency
    return [
        (
            formats.day(day.day),
            formats.value_of(day.before, "amount", currency),
            formats.value_of(day.after, "amount", currency),
            formats.change_of(day.change, "amount", currency),
            formats.count(day.came),
            formats.count(day.changed),
            formats.count(day.went),
        )
        for day in restated.days
    ]


def summary(restated: Restated) -> Text:
    """How much changed in all."""
    if not restated.n_days:
        return both("no day that was published before has other sales now")
    told = both(
        "{days} restated by {receipts}: {change}",
        days=_counted("1 day", "{n} days", restated.n_days),
        receipts=_counted("1 receipt", "{n} receipts", restated.receipts),
        change=formats.change_of(restated.change, "amount", restated.currency),
    )
    if restated.n_days <= _SHOWN:
        return told
    return joined([told, both("the newest {n} of them", n=_SHOWN)])


def _counted(one: str, many: str, n: int) -> Text:
    return both(one) if n == 1 else both(many, n=formats.count(n))


def _query(sources: Sources) -> str:
    """Days whose stores differ between the files, and the receipts that make the difference.

    Only receipts of those days are compared, so that a year of receipts costs nothing.
    """
    until = min(sources.as_of, sources.previous_as_of or sources.as_of)
    compared = "(d.net_sales, d.receipts, d.return_receipts, d.total_inc_tax, d.items)"
    return f"""
        with
        was as (from before.marts.store_daily where business_date <= date '{until}'),
        stands as (from now.marts.store_daily where business_date <= date '{until}'),
        days as (
            select
                business_date, coalesce(sum(was.net_sales), 0) as sales_before,
                coalesce(sum(stands.net_sales), 0) as sales_after,
                bool_or({compared.replace("d.", "was.")}
                    is distinct from {compared.replace("d.", "stands.")}) as is_restated
            from was full join stands using (store_id, business_date)
            group by business_date
        ),
        restated as (from days where is_restated),
        old_rows as (
            select receipt_id, {_COMPARED} from before.marts.fct_sales_receipt
            where business_date in (select business_date from restated)
        ),
        new_rows as (
            select receipt_id, {_COMPARED} from now.marts.fct_sales_receipt
            where business_date in (select business_date from restated)
        ),
        differing as (
            select coalesce(n.business_date, o.business_date) as business_date,
                o.receipt_id is null as is_new, n.receipt_id is null as is_gone
            from old_rows o full join new_rows n
            on o.receipt_id = n.receipt_id and o.business_date = n.business_date
            where o is distinct from n
        )
        select
            r.business_date, r.sales_before, r.sales_after,
            count(*) filter (where is_new), count(*) filter (where not is_new and not is_gone),
            count(*) filter (where is_gone)
        from restated r left join differing d using (business_date)
        group by all order by r.business_date desc
    """
