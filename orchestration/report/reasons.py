"""What a KPI's change is made of: effects that add up to it, or none at all.

A reason that does not add up to the last unit is no reason; then the change stands alone.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from orchestration.report import formats
from orchestration.report.headlines import Headline
from orchestration.report.points import Side
from orchestration.report.sources import Sources
from orchestration.report.splits import Effect, Pair, split_mix, split_product, split_ratio
from words import Text, both

Effects = tuple[Effect, ...]
_NOTHING = (Fraction(0), Fraction(1))
_STORES_SHOWN = 3
_ACTIVE_DAYS = 90


def effects_of(sources: Sources, headline: Headline, start: Side, end: Side) -> Effects:
    """The effects of a headline's change from one side to the other; empty where it has none."""
    before, after = start.value(headline.kpi), end.value(headline.kpi)
    if not headline.reason or before is None or after is None or before == after:
        return ()
    found = REASONS[headline.reason](sources, headline, start, end)
    told = tuple(effect for effect in found if effect.amount)
    return told if sum((e.amount for e in told), Fraction(0)) == after - before else ()


def _product(_: Sources, headline: Headline, start: Side, end: Side) -> Effects:
    """A total as the number of receipts times the value of one."""
    before, after = _pair(start, headline), _pair(end, headline)
    count_0 = start.company.get("receipts", _NOTHING)[0]
    count_1 = end.company.get("receipts", _NOTHING)[0]
    of_count, of_value = split_product((count_0, before[0]), (count_1, after[0]))
    return (
        Effect(_from(headline.words[0]), of_count, _went(count_0, count_1)),
        Effect(_from(headline.words[1]), of_value),
    )


def _ratio(_: Sources, headline: Headline, start: Side, end: Side) -> Effects:
    """A rate as its numerator over its denominator."""
    before, after = _pair(start, headline), _pair(end, headline)
    parts = split_ratio(before, after)
    named = zip(headline.words, parts, before, after, strict=True)
    return tuple(Effect(_from(name), part, _went(old, new)) for name, part, old, new in named)


def _mix(_: Sources, headline: Headline, start: Side, end: Side) -> Effects:
    """A rate of stores: what changed within them, and what their shares changed."""
    before, after = start.stores.get(headline.kpi, {}), end.stores.get(headline.kpi, {})
    if not before or not after:
        return ()
    within, between = split_mix(before, after)
    return (
        Effect(both("within the stores"), sum(within.values(), Fraction(0))),
        Effect(both("because stores have other shares"), between),
    )


def _stores(_: Sources, headline: Headline, start: Side, end: Side) -> Effects:
    """A sum of stores: those that changed most, and the others."""
    before, after = start.stores.get(headline.kpi, {}), end.stores.get(headline.kpi, {})
    changes = {
        store: after.get(store, _NOTHING)[0] - before.get(store, _NOTHING)[0]
        for store in before | after
    }
    ordered = sorted(changes, key=lambda store: (-abs(changes[store]), store))
    names = start.names | end.names
    rest = sum((changes[store] for store in ordered[_STORES_SHOWN:]), Fraction(0))
    return (
        *(Effect(names.get(s, s), changes[s]) for s in ordered[:_STORES_SHOWN]),
        Effect(both("other stores"), rest),
    )


def _flow(sources: Sources, headline: Headline, start: Side, end: Side) -> Effects:
    """A stock by what came and went on the days between, and what became known of days before."""
    kpi, name = headline.words
    row = sources.query(
        "select coalesce(sum(numerator), 0) from now.marts.kpi_daily where scope_type = 'all' "
        f"and kpi = '{kpi}' and business_date > date '{start.day}' "
        f"and business_date <= date '{end.day}'"
    )[0]
    flow = Fraction(row[0])
    change = _pair(end, headline)[0] - _pair(start, headline)[0]
    return (
        Effect(both("{what} since {day}", what=both(name), day=start.day), flow),
        Effect(both("known later, of days before"), change - flow),
    )


def _active(sources: Sources, _: Headline, start: Side, end: Side) -> Effects:
    """Active customers, one by one: who came, who came back, whose last order is too old."""
    first, back, gone, lapsed = sources.query(
        f"""
        with
        active as ({_active_on(end)}),
        was_active as ({_active_on(start)}),
        came as (
            select customer_key, is_first from active anti join was_active using (customer_key)
        ),
        went as (
            select customer_key, customer_key in (select customer_key from now.marts.dim_customer)
                as is_known
            from was_active anti join active using (customer_key)
        )
        select
            (select count(*) from came where is_first),
            (select count(*) from came where not is_first),
            (select count(*) from went where not is_known),
            (select count(*) from went where is_known)
        """
    )[0]
    return (
        Effect(both("who bought for the first time"), Fraction(first)),
        Effect(both("who came back"), Fraction(back)),
        Effect(both("without an order for {n} days", n=_ACTIVE_DAYS), Fraction(-lapsed)),
        Effect(both("merged into others or erased"), Fraction(-gone)),
    )


def _active_on(side: Side) -> str:
    """Customers with a qualifying order in the days up to a day; whether one is their first."""
    return f"""
        select customer_key, bool_or(new_or_repeat = 'new') as is_first
        from {side.file}.marts.fct_sales_receipt
        where is_qualifying and customer_key is not null
        and business_date > date '{side.day}' - {_ACTIVE_DAYS}
        and business_date <= date '{side.day}'
        group by customer_key
    """


def _from(factor: str) -> Text:
    return both("from {what}", what=both(factor))


def _pair(side: Side, headline: Headline) -> Pair:
    return side.company[headline.kpi]


def _went(before: Fraction, after: Fraction) -> str:
    return f"{formats.count(before)} → {formats.count(after)}"


REASONS: dict[str, Callable[[Sources, Headline, Side, Side], Effects]] = {
    "product": _product,
    "ratio": _ratio,
    "mix": _mix,
    "stores": _stores,
    "flow": _flow,
    "active": _active,
}
