"""On which days each person buys, by the processes that `demo.segments` names.

What belongs here: rates, drop-out, clumps, spend, and the pace of the week and the year. What does
not: where and when on the day, and what is bought. Children do not buy.

Rates run on the shops' own clock, on which a busy day is longer than a quiet one: on it the
processes are exactly those of the books, and over a year it keeps the calendar's pace.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from demo.calendar import BASE_DAYS, HORIZON_DAYS, dates_of, is_holiday, weekdays_of
from demo.population import Population
from demo.segments import COMPANY, SEGMENTS, Segment
from demo.streams import stream

_BLOCK = 50_000
"""People drawn at once: bounds the memory, and is part of what the seed means."""
_EARLIEST = -6_000
_WEEKDAYS = (0.90, 0.88, 0.92, 0.91, 1.00, 1.22, 1.17)
_MONTHS = (0.95, 0.90, 1.02, 0.98, 1.00, 0.95, 1.04, 1.00, 0.95, 0.97, 1.02, 1.22)
_HOLIDAY, _YEAR_END, _NEW_YEAR = 1.15, 1.30, 0.45
_OFFICE_WEEKDAYS = (1.15, 1.0, 1.0, 1.0, 0.85, 0.0, 0.0)
_OFFICE_HOLIDAY = 0.05
_LIFETIME_OF_CLUMPY = 1_600
"""Mean days from the first purchase to the last thinkable one of those who buy in clumps."""
_IN_SEASON = 0.6
_SEASON_DAYS = 20
"""Clumps of a season begin in the first days of its month."""
_YEAR = 365.25


@dataclass(frozen=True)
class Processes:
    """How each person buys, and when: arrays over people, then over purchases of the horizon.

    `rate` purchases per day of the shops' clock and `dropout` probability after each purchase (NaN
    of those who buy in clumps), `clumps` a year (NaN of the others), `mean_spend` net yen a
    purchase, `is_alive` at the end of the base history. NaN and False of children. Purchases by
    person and time: `person` int32, `day` int16, `spend` float32: net yen aimed at.
    """

    rate: NDArray[np.float64]
    dropout: NDArray[np.float64]
    clumps: NDArray[np.float64]
    mean_spend: NDArray[np.float64]
    is_alive: NDArray[np.bool_]
    person: NDArray[np.int32]
    day: NDArray[np.int16]
    spend: NDArray[np.float32]


def draw_processes(population: Population) -> Processes:
    """Everybody's purchases from the first of October 2024 to the end of the horizon."""
    blocks = [
        _draw_block(population, np.arange(start, min(start + _BLOCK, population.n)))
        for start in range(0, population.n, _BLOCK)
    ]
    return Processes(
        **{
            each.name: np.concatenate([getattr(block, each.name) for block in blocks])
            for each in fields(Processes)
        }
    )


@cache
def clock(is_office: bool = False) -> NDArray[np.float64]:
    """Reading of the shops' clock at the beginning of each day from _EARLIEST to the horizon's end.

    It advances by 1 a day on average over a year; offices rest at weekends.
    """
    days = np.arange(_EARLIEST, HORIZON_DAYS)
    pace = np.array(_OFFICE_WEEKDAYS if is_office else _WEEKDAYS)[weekdays_of(days)]
    dates = dates_of(days)
    months = dates.astype("datetime64[M]").astype(int) % 12
    year_day = (dates - dates.astype("datetime64[Y]")).astype(int)
    pace = pace * np.array(_MONTHS)[months]
    pace = np.where(is_holiday(days), pace * (_OFFICE_HOLIDAY if is_office else _HOLIDAY), pace)
    pace = np.where(year_day == 0, pace * (0.0 if is_office else _NEW_YEAR), pace)
    if not is_office:
        pace = np.where((months == 11) & (year_day >= 359), pace * _YEAR_END, pace)
    year = slice(-_EARLIEST, -_EARLIEST + 365)
    return np.r_[0.0, np.cumsum(pace / pace[year].mean())]


class _Drawn(NamedTuple):
    """What a segment's process gave: arrays over its people, then `row` (among them) and `day`."""

    rate: NDArray[np.float64]
    dropout: NDArray[np.float64]
    clumps: NDArray[np.float64]
    is_alive: NDArray[np.bool_]
    row: NDArray[np.int64]
    day: NDArray[np.int64]


def _draw_block(population: Population, people: NDArray[np.int64]) -> Processes:
    rng = stream(population.seed, "purchases", int(people[0]))
    rate, dropout, clumps, mean_spend = np.full((4, len(people)), np.nan)
    is_alive = np.zeros(len(people), dtype=bool)
    purchases = []
    for number, segment in enumerate(SEGMENTS):
        rows = np.flatnonzero((population.segment[people] == number) & ~population.is_child[people])
        first = population.first_day[people[rows]].astype(np.int64)
        draw = _draw_clumps if segment.is_clumpy else _draw_until_gone
        drawn = draw(rng, segment, first, number == COMPANY)
        rate[rows], dropout[rows], clumps[rows] = drawn.rate, drawn.dropout, drawn.clumps
        is_alive[rows] = drawn.is_alive
        spend_rate = rng.gamma(segment.spend_q, 1 / segment.spend_gamma, len(rows))
        mean_spend[rows] = segment.spend_p / spend_rate
        spend = rng.gamma(segment.spend_p, 1.0, len(drawn.row)) / spend_rate[drawn.row]
        seen = drawn.day >= 0
        purchases.append((people[rows[drawn.row[seen]]], drawn.day[seen], spend[seen]))
    person, day, spend = (np.concatenate(parts) for parts in zip(*purchases, strict=True))
    order = np.argsort(person * (HORIZON_DAYS + 1) + day, kind="stable")
    return Processes(
        rate=rate,
        dropout=dropout,
        clumps=clumps,
        mean_spend=mean_spend,
        is_alive=is_alive,
        person=person[order].astype(np.int32),
        day=day[order].astype(np.int16),
        spend=spend[order].astype(np.float32),
    )


def _draw_until_gone(
    rng: np.random.Generator, segment: Segment, first: NDArray[np.int64], is_office: bool
) -> _Drawn:
    """MBG/NBD, the first purchase on day `first`.

    The number of purchases until drop-out is geometric, their times are a Poisson process on the
    clock: that many uniform times in order, cut after the last purchase before the drop-out.
    """
    count = len(first)
    rate = rng.gamma(segment.r, 1 / segment.alpha, count)
    dropout = np.clip(rng.beta(segment.a, segment.b, count), 1e-9, 1 - 1e-9)
    repeats_left = np.floor(np.log(1 - rng.random(count)) / np.log1p(-dropout))
    readings = clock(is_office)
    start, end = readings[first + 1 - _EARLIEST], readings[-1]
    repeats = rng.poisson(rate * (end - start))
    row = np.repeat(np.arange(count), repeats)
    # Sorted within each row by one key: the share of the time that has passed lies below 1.
    share = np.sort(row + rng.random(len(row))) - row
    time = start[row] + share * (end - start[row])
    day = np.searchsorted(readings, time, side="right") - 1 + _EARLIEST
    place = np.arange(len(row)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    kept = place < repeats_left[row]
    row, day = row[kept], np.minimum(day[kept], HORIZON_DAYS - 1)
    by_end = np.bincount(row[day < BASE_DAYS], minlength=count)
    return _Drawn(
        rate,
        dropout,
        np.full(count, np.nan),
        (by_end < repeats_left) & (first < BASE_DAYS),
        np.r_[np.arange(count), row],
        np.r_[first, day],
    )


def _draw_clumps(
    rng: np.random.Generator, segment: Segment, first: NDArray[np.int64], _is_office: bool
) -> _Drawn:
    """Clumps of purchases, mostly in the segment's months: no process of the books."""
    count, unknown = len(first), np.full(len(first), np.nan)
    clumps = rng.gamma(2.0, segment.clumps_per_year / 2, count)
    gone = first + rng.exponential(_LIFETIME_OF_CLUMPY, count)
    row = np.repeat(np.arange(count), rng.poisson(clumps * (HORIZON_DAYS - first) / _YEAR))
    anywhere = first[row] + rng.integers(0, HORIZON_DAYS - first[row])
    month = dates_of(anywhere).astype("datetime64[Y]").astype("datetime64[M]")
    month += (rng.choice(segment.season, len(row)) - 1).astype("timedelta64[M]")
    in_season = (month.astype("datetime64[D]") - dates_of(0)).astype(np.int64)
    in_season += rng.integers(0, _SEASON_DAYS, len(row))
    start = np.where(rng.random(len(row)) < _IN_SEASON, in_season, anywhere)
    size = 1 + rng.poisson(segment.clump_size - 1, len(row))
    row, start = np.repeat(row, size), np.repeat(start, size)
    day = start + rng.integers(0, segment.clump_days, len(row))
    kept = (day > first[row]) & (day < np.minimum(gone[row], HORIZON_DAYS))
    return _Drawn(
        unknown,
        unknown,
        clumps,
        (gone >= BASE_DAYS) & (first < BASE_DAYS),
        np.r_[np.arange(count), row[kept]],
        np.r_[first, day[kept]],
    )
