"""What happens to the messages of one campaign: deliveries, opens, clicks, and those who leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.audiences import BOUNCES, COMPLAINS, STAYS, UNSUBSCRIBES
from demo.campaign_plan import CampaignPlan
from demo.columns import SECONDS_A_DAY
from demo.streams import Draws, stream

EVENT_TYPES = (
    "delivered", "open", "click", "bounce_hard", "bounce_soft", "dropped", "unsubscribe",
    "complaint",
)  # fmt: skip
DELIVERED, OPEN, CLICK, BOUNCE_HARD, BOUNCE_SOFT, DROPPED, UNSUBSCRIBE, COMPLAINT = range(8)
NO_MACHINE, MACHINE, UNKNOWN = 0, 1, -1

PROGRAMS = (
    ("AppleMail", 0.34), ("SecurityGateway", 0.03), ("GmailApp-Android", 0.24),
    ("Mozilla/5.0 (iPhone) YahooMail", 0.13), ("Mozilla/5.0 (Windows NT 10.0) Gmail", 0.16),
    ("Outlook/16", 0.06), ("Mozilla/5.0 (Android) DocomoMail", 0.04),
)  # fmt: skip
"""Mail programs and their shares: the first opens every message by itself, which hides whether
anybody reads it; the second stands before a company's mailboxes and opens and clicks everything."""
PRIVATE, GATEWAY = 0, 1
LINKS = ("top", "new", "sale", "recipe", "store", "coupon", "ranking", "mypage")
_DROPPED, _BOUNCE_SOFT, _SHOWS_IMAGES, _REPEATS, _MACHINE_OPENS = 0.003, 0.012, 0.92, 0.2, 0.93
_CLICKS_AFTER_READING, _CLICKS_WHEN_LIFTED, _LATE = 0.1, 0.6, 0.01
_Part = tuple[int, int, NDArray, NDArray, NDArray]
"""Kind, machine, subscribers, seconds and programs of events of one kind."""
_READ_DAYS = (0.66, 0.17, 0.08, 0.05, 0.04)


@dataclass(frozen=True)
class MailEvents:
    """One row an event of one campaign, in an order that never changes.

    `kind` indexes EVENT_TYPES, `second` counts from day 0, `known_day` is the day of the delivery
    that first has it, `machine` is MACHINE, NO_MACHINE or UNKNOWN, `program` indexes PROGRAMS and
    `link` indexes LINKS (-1: none).
    """

    kind: NDArray[np.int8]
    subscriber: NDArray[np.int32]
    second: NDArray[np.int64]
    known_day: NDArray[np.int64]
    machine: NDArray[np.int8]
    program: NDArray[np.int8]
    link: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.kind)


def sent_seconds(plan: CampaignPlan, campaign: int) -> NDArray[np.int64]:
    """When each contact's message went out: within twenty minutes of the campaign's start."""
    campaigns, rows = plan.campaigns, plan.audiences.rows_of(campaign)
    start = int(campaigns.send_day[campaign]) * SECONDS_A_DAY + int(campaigns.send_second[campaign])
    delay = stream(plan.population.seed, "send", campaign).integers(
        0, 1_200, rows.stop - rows.start
    )
    return start + delay


def mail_programs(seed: int, subscriber: NDArray[np.int32]) -> NDArray[np.int64]:
    """The mail program of each subscription, an index into PROGRAMS; it never changes."""
    return Draws(seed).choice("mail program", subscriber, [share for _, share in PROGRAMS])


def campaign_events(plan: CampaignPlan, campaign: int) -> MailEvents:
    """All events of a campaign: of e-mail in full, of LINE and SMS deliveries and clicks."""
    channel = plan.campaigns.channel[campaign]
    if channel == "email":
        return _Mailing(plan, campaign).events()
    if channel in ("line", "sms"):
        return _Mailing(plan, campaign).short_events()
    return _gather([], stream(plan.population.seed, "no events", campaign))


class _Mailing:
    """One campaign's messages: arrays over the contacts that were sent to."""

    def __init__(self, plan: CampaignPlan, campaign: int) -> None:
        rows, seed = plan.audiences.rows_of(campaign), plan.population.seed
        sent = ~plan.audiences.is_holdout[rows]
        self.rng = stream(seed, "mail events", campaign)
        self.appeal = plan.campaigns.appeal[campaign]
        self.send_day = int(plan.campaigns.send_day[campaign])
        self.subscriber = plan.audiences.subscriber[rows][sent]
        self.is_variant_b = plan.audiences.is_variant_b[rows][sent]
        self.leaves = plan.audiences.leaves[rows][sent]
        self.left_second = (
            plan.audiences.leaving_day[rows][sent].astype(np.int64) * SECONDS_A_DAY
            + plan.audiences.leaving_second[rows][sent]
        )
        self.is_lifted = plan.is_lifted[rows][sent]
        self.sent = sent_seconds(plan, campaign)[sent]
        self.program = mail_programs(seed, self.subscriber).astype(np.int8)
        self.taste = Draws(seed).uniform("reads mail", self.subscriber)
        self.n = len(self.subscriber)

    def events(self) -> MailEvents:
        """Events of an e-mail."""
        delivered, read, clicked, refused = self._deliver()
        parts = [*refused, self._part(DELIVERED, delivered, self.sent + self._some(3, 60))]
        read_at = self._read_seconds()
        parts += self._machine_parts(delivered)
        shown = read & (self.program != PRIVATE) & self._chance(_SHOWS_IMAGES)
        parts.append(self._part(OPEN, shown, read_at, NO_MACHINE))
        again = shown & self._chance(_REPEATS)
        parts.append(self._part(OPEN, again, read_at + self._some(600, 80_000), NO_MACHINE))
        parts.append(self._part(CLICK, clicked, read_at + self._some(4, 90), NO_MACHINE))
        for kind, leaves in ((UNSUBSCRIBE, UNSUBSCRIBES), (COMPLAINT, COMPLAINS)):
            parts.append(self._part(kind, self.leaves == leaves, self.left_second))
        return _gather(parts, self.rng)

    def short_events(self) -> MailEvents:
        """Events of a LINE message or an SMS, which nobody can see opened."""
        delivered = self.is_lifted | ~self._chance(_BOUNCE_SOFT)
        share = np.where(self.is_lifted, _CLICKS_WHEN_LIFTED, _CLICKS_AFTER_READING * self.taste)
        clicked = delivered & self._chance(share)
        return _gather(
            [
                self._part(DELIVERED, delivered, self.sent + self._some(1, 20)),
                self._part(CLICK, clicked, self._read_seconds(), NO_MACHINE),
            ],
            self.rng,
        )

    def _deliver(
        self,
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], list[_Part]]:
        """Who got it, read it, clicked; and the parts of those whom it did not reach.

        Whoever leaves by hand or makes the planted purchase has read it.
        """
        reacts = self.is_lifted | (self.leaves > BOUNCES)
        fate = self.rng.random(self.n)
        bounced = self.leaves == BOUNCES
        dropped = ~bounced & ~reacts & (fate < _DROPPED)
        soft = ~bounced & ~reacts & ~dropped & (fate < _DROPPED + _BOUNCE_SOFT)
        delivered = ~(bounced | dropped | soft)
        share = (0.1 + 0.7 * self.taste**1.2) * self.appeal + 0.03 * self.is_variant_b
        read = delivered & (reacts | self._chance(share))
        clicks = np.where(self.is_lifted, _CLICKS_WHEN_LIFTED, _CLICKS_AFTER_READING * self.appeal)
        clicked = read & (self.leaves == STAYS) & self._chance(clicks)
        refused = [
            self._part(BOUNCE_HARD, bounced, self.left_second),
            self._part(BOUNCE_SOFT, soft, self.sent + self._some(5, 600)),
            self._part(DROPPED, dropped, self.sent),
        ]
        return delivered, read, clicked, refused

    def _machine_parts(self, delivered: NDArray[np.bool_]) -> list[_Part]:
        private = delivered & (self.program == PRIVATE) & self._chance(_MACHINE_OPENS)
        gateway = delivered & (self.program == GATEWAY)
        return [
            self._part(OPEN, private, self.sent + self._some(70, 9_000), MACHINE),
            self._part(OPEN, gateway, self.sent + self._some(61, 65), MACHINE),
            self._part(CLICK, gateway, self.sent + self._some(65, 70), MACHINE),
        ]

    def _read_seconds(self) -> NDArray[np.int64]:
        """When a message is read: often the same day, then between 7 and 23 o'clock.

        Those who buy because of it read it that day, those who leave the list before they do.
        """
        day = self.rng.choice(len(_READ_DAYS), self.n, p=_READ_DAYS)
        day = np.where(self.is_lifted, 0, day)
        earliest = self.sent + 70
        tonight = (self.send_day + 1) * SECONDS_A_DAY - 3_600
        chance = self.rng.random(self.n)
        same_day = earliest + chance**2 * (tonight - earliest)
        later = (self.send_day + day) * SECONDS_A_DAY + 25_200 + chance * 57_600
        read = np.where(day == 0, same_day, later)
        before_leaving = np.maximum(earliest, self.left_second - 20 - 500 * chance)
        return np.where(self.leaves > BOUNCES, before_leaving, read).astype(np.int64)

    def _some(self, least: int, most: int) -> NDArray[np.int64]:
        return self.rng.integers(least, most, self.n)

    def _chance(self, share: float | NDArray[np.float64]) -> NDArray[np.bool_]:
        return self.rng.random(self.n) < share

    def _part(
        self,
        kind: int,
        rows: NDArray[np.bool_],
        second: NDArray[np.int64],
        machine: int = UNKNOWN,
    ) -> _Part:
        index = np.flatnonzero(rows)
        return kind, machine, self.subscriber[index], second[index], self.program[index]


def _gather(parts: list[_Part], rng: np.random.Generator) -> MailEvents:
    """One table of the parts; one of a hundred opens is reported a day late."""
    sizes = [len(part[2]) for part in parts]
    kind, machine = (
        np.repeat(np.array([part[i] for part in parts], dtype=np.int8), sizes) for i in (0, 1)
    )
    subscriber, second, program = (
        np.concatenate([part[i] for part in parts]) if parts else np.empty(0, dtype=np.int64)
        for i in (2, 3, 4)
    )
    is_late = (kind == OPEN) & (rng.random(len(kind)) < _LATE)
    link = np.where(kind == CLICK, rng.integers(0, len(LINKS), len(kind)), -1)
    return MailEvents(
        kind=kind,
        subscriber=subscriber,
        second=second,
        known_day=second // SECONDS_A_DAY + is_late,
        machine=machine,
        program=np.where(machine == UNKNOWN, -1, program).astype(np.int8),
        link=link.astype(np.int8),
    )
