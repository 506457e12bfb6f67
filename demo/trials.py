"""What people try before they buy: samples and a free month of the club; and the truth about it.

Nobody comes because of a trial. A sample that convinces adds the product in its full size to the
next basket of the person; those who pay for the club (`demo.loyalty`) partly tried it before, and
others try it and leave it at that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from demo.assortment import plain_product
from demo.calendar import HORIZON_DAYS, dates_of
from demo.columns import words
from demo.streams import Draws

if TYPE_CHECKING:
    from demo.world import World

WITHIN_DAYS = 30
"""Days after a trial in which it may lead to a purchase."""
SAMPLES = (
    ("SMP01", "化粧水", 0.35),
    ("SMP02", "ドリップコーヒー", 0.25),
    ("SMP03", "青汁30包", 0.15),
)
"""Samples, the goods they are samples of, and the share of them that convinces."""
CLUB, CLUB_TRIAL = "CLUB12", "CLUBTRIAL"
_SAMPLE_SHARE, _SAMPLE_SHARE_ONLINE = 0.012, 0.05
_TRIES_BEFORE_JOINING, _TRIES_ONLY = 0.9, 0.008
"""Share of the new members of the club who were there shortly before and tried it then, and of the
other people who try it."""
SAMPLE, MEMBERSHIP = 0, 1
_KINDS = ("sample", "trial_membership")
_DAYS = 2_048


@dataclass(frozen=True)
class Trials:
    """One row a trial, by the visit at which it was given: arrays.

    `visit` and `converts` are visits, the second the one at which the trial leads to a purchase, -1
    for none; `kind` is SAMPLE or MEMBERSHIP; `number` indexes SAMPLES, 0 for memberships.
    """

    visit: NDArray[np.int64]
    converts: NDArray[np.int64]
    kind: NDArray[np.int64]
    number: NDArray[np.int64]

    def given_at(self, visit: NDArray[np.int64], kind: int) -> NDArray[np.int64]:
        """The trial of each visit, an index into SAMPLES for a sample, 0 else; -1 for none."""
        return self._find(self.visit, visit, kind)

    def leading_to(self, visit: NDArray[np.int64]) -> NDArray[np.int64]:
        """The sample that sells its full size at each visit, an index into SAMPLES; -1 for none."""
        return self._find(self.converts, visit, SAMPLE)

    def _find(
        self, of: NDArray[np.int64], visit: NDArray[np.int64], kind: int
    ) -> NDArray[np.int64]:
        rows = np.flatnonzero((self.kind == kind) & (of >= 0))
        if not len(rows):
            return np.full(len(visit), -1)
        rows = rows[np.argsort(of[rows], kind="stable")]
        place = np.minimum(np.searchsorted(of[rows], visit), len(rows) - 1)
        return np.where(of[rows[place]] == visit, self.number[rows[place]], -1)


def draw_trials(world: World) -> Trials:
    """Every trial of the horizon."""
    sample, sold, number = _samples(world)
    trial, joins = _club_trials(world)
    order = np.argsort(np.r_[sample, trial], kind="stable")
    return Trials(
        visit=np.r_[sample, trial][order],
        converts=np.r_[sold, joins][order],
        kind=np.repeat([SAMPLE, MEMBERSHIP], [len(sample), len(trial)])[order],
        number=np.r_[number, np.zeros(len(trial), dtype=np.int64)][order],
    )


def trials(world: World) -> pa.Table:
    """One row a trial: `trial_product_id`, given to `person_id` on `given_on`.

    `product_id` is what the trial is of, bought because of it on `converts_on`, a day of the next
    WITHIN_DAYS; NULL when it is not. `probability` is the share of the samples that convince:
    those convert that bring a person who comes back in time. It is NULL of memberships, which are
    tried by people who join and by others. `is_identified`: a card was shown at the trial.
    """
    found, visits = world.trials, world.visits
    is_sample = found.kind == SAMPLE
    converts = found.converts >= 0
    trial_ids = [*(sample for sample, _, _ in SAMPLES), CLUB_TRIAL]
    paid_ids = [*(plain_product(name) for _, name, _ in SAMPLES), CLUB]
    which = np.where(is_sample, found.number, len(SAMPLES))
    shares = np.array([*(share for _, _, share in SAMPLES), 0.0])
    return pa.table(
        {
            "trial_product_id": words(trial_ids, which),
            "trial_kind": words(_KINDS, found.kind),
            "person_id": pa.array(visits.person[found.visit].astype(np.int32)),
            "given_on": pa.array(dates_of(visits.day[found.visit])),
            "is_identified": pa.array(visits.member[found.visit] >= 0),
            "probability": pa.array(shares[which], mask=~is_sample),
            "product_id": words(paid_ids, which),
            "converts_on": pa.array(dates_of(visits.day[found.converts]), mask=~converts),
        }
    )


def _samples(world: World) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Visits at which a sample is given, the visit at which each sells its full size (-1: none),
    and the sample's number. A visit sells for one sample at most: that of the last visit before."""
    visits, draws = world.visits, Draws(world.population.seed)
    every = np.arange(len(visits))
    is_online = visits.store >= world.stores.physical
    share = np.where(is_online, _SAMPLE_SHARE_ONLINE, _SAMPLE_SHARE)
    given = draws.chance("sample", every, share) & ~world.population.is_company[visits.person]
    visit = every[given]
    number = draws.integers(SAMPLES[0][0], visit, len(SAMPLES))
    convinces = np.array([share for _, _, share in SAMPLES])[number]
    next_visit = _next_visit(visits.person, visits.day, visit)
    sold = np.where(draws.chance("sample convinces", visit, convinces), next_visit, -1)
    # Of several samples before a visit the last one sells: the first from behind.
    last = len(sold) - 1 - np.unique(sold[::-1], return_index=True)[1]
    return visit, np.where(np.isin(np.arange(len(sold)), last), sold, -1), number


def _next_visit(
    person: NDArray[np.int32], day: NDArray[np.int16], visit: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The first visit of the same person on a later day, WITHIN_DAYS at most; -1 for none."""
    keys = person.astype(np.int64) * _DAYS + day
    order = np.argsort(keys, kind="stable")
    place = np.searchsorted(keys[order], keys[visit], side="right")
    following = order[np.minimum(place, len(order) - 1)]
    wait = keys[following] - keys[visit]
    return np.where((wait > 0) & (wait <= WITHIN_DAYS), following, -1)


def _club_trials(world: World) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Visits at which a free month of the club begins, and the visit at which it is paid for then,
    -1 for never."""
    visits, people, draws = world.visits, world.population, Draws(world.population.seed)
    shown = np.flatnonzero((visits.member >= 0) & ~people.is_company[visits.person])
    keys = visits.person[shown].astype(np.int64) * _DAYS + visits.day[shown]
    shown, keys = (column[np.argsort(keys, kind="stable")] for column in (shown, keys))
    joins = np.flatnonzero(visits.joins_club[shown])
    joins = joins[np.unique(visits.person[shown[joins]], return_index=True)[1]]
    joins = joins[joins > 0]
    wait = keys[joins] - keys[joins - 1]
    tries = (wait > 0) & (wait <= WITHIN_DAYS)
    tries &= draws.chance("tries the club", visits.person[shown[joins]], _TRIES_BEFORE_JOINING)
    others = np.ones(people.n, dtype=bool)
    others[visits.person[visits.joins_club]] = False
    others &= draws.chance("only tries the club", np.arange(people.n), _TRIES_ONLY)
    person = np.flatnonzero(others)
    since = person * _DAYS + draws.integers("tries the club from", person, HORIZON_DAYS)
    first = np.minimum(np.searchsorted(keys, since), max(len(keys) - 1, 0))
    first = first[(keys[first] // _DAYS == person) & (keys[first] >= since)]
    trial = np.r_[shown[joins[tries] - 1], shown[first]]
    return trial, np.r_[shown[joins[tries]], np.full(len(first), -1)]
