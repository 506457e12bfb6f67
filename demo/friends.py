"""Friends of the retailer's LINE account: who follows, links the membership, blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.calendar import HORIZON_DAYS
from demo.columns import SECONDS_A_DAY
from demo.in_force import member_in_force
from demo.population import BY_LINE, Population
from demo.streams import Draws

ACTIONS = ("follow", "block", "link_account")
FOLLOW, BLOCK, LINK = range(3)
FOLLOWS, LINKS, BLOCKS, COMES_BACK = 0.75, 0.6, 0.18, 0.2
"""Share of the people who use LINE that follow; of these, who link, who block; of those, who
follow again."""
_DAYS_TO_FOLLOW, _DAYS_TO_BLOCK, _DAYS_TO_RETURN = 150, 300, 40
NEVER = HORIZON_DAYS + 1
_FIRST_HOUR, _HOURS = 8, 14


@dataclass(frozen=True)
class FriendActions:
    """One row an action in LINE, by time: `second` since day 0, `person`, `action` into ACTIONS,
    `member`: the record that was linked, -1 for none."""

    second: NDArray[np.int64]
    person: NDArray[np.int32]
    action: NDArray[np.int8]
    member: NDArray[np.int32]


def follow_days(population: Population) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Per person the days of following and of (the first) blocking, NEVER for none.

    Whoever writes to the help desk in LINE follows, and does not block.
    """
    draws, people = Draws(population.seed), np.arange(population.n)
    writes = _first_line_days(population)
    wait = -np.log1p(-draws.uniform("days to follow", people)) * _DAYS_TO_FOLLOW
    follow = population.first_day + wait.astype(np.int64)
    follow = np.where(population.has_line & draws.chance("follows", people, FOLLOWS), follow, NEVER)
    follow = np.minimum(follow, writes - 1)
    wait = 1 - np.log1p(-draws.uniform("days to block", people)) * _DAYS_TO_BLOCK
    blocks = draws.chance("blocks", people, BLOCKS) & (writes >= NEVER) & (follow < NEVER)
    return follow, np.where(blocks, follow + wait.astype(np.int64), NEVER)


def is_friend(population: Population, day: int) -> NDArray[np.bool_]:
    """Per person: whether a message in LINE reaches them on that day."""
    follow, block = follow_days(population)
    return (follow < day) & (block > day)


def friend_actions(population: Population) -> FriendActions:
    """All actions of the horizon and before it."""
    draws, people = Draws(population.seed), np.arange(population.n)
    follow, block = follow_days(population)
    wait = 1 - np.log1p(-draws.uniform("days to return", people)) * _DAYS_TO_RETURN
    returns = draws.chance("comes back", people, COMES_BACK) & (block < NEVER)
    back = np.where(returns, block + wait.astype(np.int64), NEVER)
    link, member = _links(population, draws, people, follow, block)
    parts = [
        (people, follow, FOLLOW, np.full(population.n, -1)),
        (people, link, LINK, member),
        (people, block, BLOCK, np.full(population.n, -1)),
        (people, back, FOLLOW, np.full(population.n, -1)),
    ]
    person = np.concatenate([who for who, _, _, _ in parts])
    day = np.concatenate([days for _, days, _, _ in parts])
    action = np.repeat([action for _, _, action, _ in parts], population.n)
    linked = np.concatenate([records for _, _, _, records in parts])
    ids = person * len(parts) + np.repeat(np.arange(len(parts)), population.n)
    second = day * SECONDS_A_DAY + _FIRST_HOUR * 3_600
    # A link comes in the evening of its day, a follow before: both may be on the same day.
    half = _HOURS * 1_800
    second += draws.integers("second in LINE", ids, half) + np.where(action == LINK, half, 0)
    order = np.lexsort((ids, second))
    order = order[day[order] < HORIZON_DAYS]
    return FriendActions(
        second[order],
        person[order].astype(np.int32),
        action[order].astype(np.int8),
        linked[order].astype(np.int32),
    )


def _first_line_days(population: Population) -> NDArray[np.int64]:
    """The day on which each person appears at the help desk through LINE."""
    days, requesters = np.full(population.n, NEVER), population.requesters
    by_line = requesters.kind == BY_LINE
    np.minimum.at(days, requesters.person[by_line], requesters.created_day[by_line])
    return days


def _links(
    population: Population,
    draws: Draws,
    people: NDArray[np.int64],
    follow: NDArray[np.int64],
    block: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Days on which the membership is linked, and the record: one that exists by then."""
    day = follow + draws.integers("days to link", people, 30)
    member = member_in_force(population, people, day)
    links = (member >= 0) & (day < np.minimum(block, NEVER)) & draws.chance("links", people, LINKS)
    return np.where(links, day, NEVER), np.where(links, member, -1)
