"""Section: the headline KPIs, how they changed, and what the change is made of.

Two comparisons: with the last publication as it was published, and with the same weekday a week
before as it is known now. Each change is split into effects that add up to it (`reasons`). A rate
of the month so far is compared within its month only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import duckdb

from orchestration.report import formats
from orchestration.report.headlines import HEADLINES, Headline
from orchestration.report.points import Side, load_side, load_trends
from orchestration.report.reasons import effects_of
from orchestration.report.sources import Sources
from orchestration.report.splits import Effect, rounded
from plans.kpis import all_kpis
from words import Text, both, joined

TREND_DAYS = 35


@dataclass(frozen=True)
class Comparison:
    """A change from another day's value, and the effects that add up to it, if it was split."""

    day: date
    base: Fraction | None
    change: Fraction | None
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Target:
    """What a KPI was to reach in a period of which the as-of date is a day."""

    start: date
    end: date
    actual: float
    target: float
    status: str


@dataclass(frozen=True)
class Kpi:
    """A headline on the as-of date, the last days up to it, its comparisons and its targets."""

    headline: Headline
    value: Fraction | None
    trend: tuple[float | None, ...]
    week: Comparison
    last: Comparison | None
    targets: tuple[Target, ...]


@dataclass(frozen=True)
class Kpis:
    """The headlines of a published version."""

    as_of: date
    previous_as_of: date | None
    currency: str
    kpis: tuple[Kpi, ...]


def gather(sources: Sources) -> Kpis | None:
    """Headlines of the version that the run published; None where it published none."""
    if sources.manifest is None:
        return None
    as_of, last_day = sources.as_of, sources.previous_as_of
    names = [headline.kpi for headline in HEADLINES]
    now = load_side(sources, "now", as_of, names)
    week = load_side(sources, "now", as_of - timedelta(days=7), names)
    last = load_side(sources, "before", last_day, names) if last_day else None
    trends = load_trends(sources, TREND_DAYS, names)
    targets = _load_targets(sources)
    kpis = tuple(
        Kpi(
            headline,
            now.value(headline.kpi),
            trends[headline.kpi],
            week=_compare(sources, headline, week, now),
            last=_compare(sources, headline, last, now) if last else None,
            targets=tuple(targets.get(headline.kpi, ())),
        )
        for headline in HEADLINES
    )
    return Kpis(as_of, last_day, sources.currency, kpis)


def lines(kpis: Kpis) -> list[str]:
    """A table of values and changes, then what each change is made of."""
    table = [("", f"{kpis.as_of:%Y-%m-%d}", "against the week before", "the last publication")] + [
        (
            kpi.headline.label,
            formats.value_of(kpi.value, kpi.headline.unit, kpis.currency),
            changed(kpi, kpi.week, kpis.currency),
            changed(kpi, kpi.last, kpis.currency),
        )
        for kpi in kpis.kpis
    ]
    told = formats.columns(table, right=(1, 2, 3))
    for title, name in (("the week before", "week"), ("the last publication", "last")):
        split = [(kpi, getattr(kpi, name)) for kpi in kpis.kpis]
        reasons = [
            f"  {kpi.headline.label} {changed(kpi, comparison, kpis.currency)}: "
            + effects_text(kpi, comparison, kpis.currency)
            for kpi, comparison in split
            if comparison is not None and comparison.effects
        ]
        told += [f"why, against {title}", *reasons] if reasons else []
    return told


def changed(kpi: Kpi, comparison: Comparison | None, currency: str) -> str:
    """A change in the KPI's unit, and in per cent where the unit is not a share."""
    if comparison is None or comparison.change is None:
        return formats.NONE
    text = formats.change_of(comparison.change, kpi.headline.unit, currency)
    share = formats.relative(comparison.change, comparison.base)
    return f"{text} ({share})" if share and kpi.headline.unit != "share" else text


def effects_text(kpi: Kpi, comparison: Comparison, currency: str) -> Text:
    """The effects of a change in one sentence, rounded so that they add up; empty without."""
    unit = kpi.headline.unit
    amounts = rounded([e.amount for e in comparison.effects], formats.step_of(unit, currency))
    return joined(
        _effect_text(effect, formats.change_of(amount, unit, currency))
        for effect, amount in zip(comparison.effects, amounts, strict=True)
        if amount
    )


def _effect_text(effect: Effect, change: str) -> Text:
    if effect.detail:
        return both(
            "{change} {effect} ({detail})", change=change, effect=effect.name, detail=effect.detail
        )
    return both("{change} {effect}", change=change, effect=effect.name)


def targets_text(kpi: Kpi, currency: str) -> list[tuple[str, str, str]]:
    """Period, actual beside target, and status of each target."""
    unit = kpi.headline.unit
    return [
        (
            formats.period(target.start, target.end),
            both(
                "{actual} of {target}",
                actual=formats.value_of(target.actual, unit, currency),
                target=formats.value_of(target.target, unit, currency),
            ),
            target.status,
        )
        for target in kpi.targets
    ]


def _load_targets(sources: Sources) -> dict[str, list[Target]]:
    """The company's targets by KPI, the shortest period first; none without a scorecard."""
    try:
        rows = sources.query(
            "select kpi, period_start, period_end, actual_to_date, target_value, status "
            "from now.marts.kpi_scorecard where scope_type = 'all' and status is not null "
            f"and date '{sources.as_of}' between period_start and period_end "
            "order by kpi, period_end - period_start, period_start"
        )
    except duckdb.CatalogException:
        return {}
    targets: dict[str, list[Target]] = {}
    for kpi, *values in rows:
        targets.setdefault(kpi, []).append(Target(*values))
    return targets


def _compare(sources: Sources, headline: Headline, start: Side, end: Side) -> Comparison:
    base, value = start.value(headline.kpi), end.value(headline.kpi)
    if base is None or value is None or _starts_anew(headline, start.day, end.day):
        return Comparison(start.day, base, None, ())
    effects = effects_of(sources, headline, start, end)
    return Comparison(start.day, base, value - base, effects)


def _starts_anew(headline: Headline, start: date, end: date) -> bool:
    """Whether a KPI that grows from the 1st of a month on is held against another month."""
    is_of_month = all_kpis()[headline.kpi].kind == "month_rate"
    return is_of_month and (start.year, start.month) != (end.year, end.month)
