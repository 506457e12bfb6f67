"""Section: the headline KPIs, how they changed, and what the change is made of.

Two comparisons: with the last publication as it was published, and with the same weekday a week
before as it is known now. Each change is split into effects that add up to it (`reasons`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from orchestration.report import formats
from orchestration.report.headlines import HEADLINES, Headline
from orchestration.report.points import Side, load_side, load_trends
from orchestration.report.reasons import effects_of
from orchestration.report.sources import Sources
from orchestration.report.splits import Effect, rounded

TREND_DAYS = 35


@dataclass(frozen=True)
class Comparison:
    """A change from another day's value, and the effects that add up to it, if it was split."""

    day: date
    base: Fraction | None
    change: Fraction | None
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Kpi:
    """A headline on the as-of date, the last days up to it, and its comparisons."""

    headline: Headline
    value: Fraction | None
    trend: tuple[float | None, ...]
    week: Comparison
    last: Comparison | None


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
    kpis = tuple(
        Kpi(
            headline,
            now.value(headline.kpi),
            trends[headline.kpi],
            week=_compare(sources, headline, week, now),
            last=_compare(sources, headline, last, now) if last else None,
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


def effects_text(kpi: Kpi, comparison: Comparison, currency: str) -> str:
    """The effects of a change in one sentence, rounded so that they add up; empty without."""
    unit = kpi.headline.unit
    amounts = rounded([e.amount for e in comparison.effects], formats.step_of(unit, currency))
    return ", ".join(
        f"{formats.change_of(amount, unit, currency)} {effect.name}"
        + (f" ({effect.detail})" if effect.detail else "")
        for effect, amount in zip(comparison.effects, amounts, strict=True)
        if amount
    )


def _compare(sources: Sources, headline: Headline, start: Side, end: Side) -> Comparison:
    base, value = start.value(headline.kpi), end.value(headline.kpi)
    if base is None or value is None:
        return Comparison(start.day, base, None, ())
    effects = effects_of(sources, headline, start, end)
    return Comparison(start.day, base, value - base, effects)
