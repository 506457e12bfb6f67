"""The campaigns themselves: when, over which channel, with which message, coupon and planted lift.

Who receives them stands in `demo.campaign_plan`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from demo.calendar import HORIZON_DAYS, date_of
from demo.streams import stream

FIRST_SEND = 30
DAYS_BETWEEN = 7
WINDOW = 5
"""Days, that of the send included, in which a planted purchase happens; no two windows overlap."""

CHANNEL_DECK = (
    *("email",) * 12,
    *("line",) * 3,
    *("coupon",) * 2,
    *("dm", "sms", "event"),
)
"""Channels of 20 campaigns in a row, in an order of their own each time."""
OF_MEMBERS = ("dm", "coupon", "event")
"""Channels whose audiences are members of the register; the others address subscribers."""
TARGETS = ("everyone", "newcomers", "women", "stores", "longstanding")
_TARGET_WEIGHTS = (0.4, 0.12, 0.16, 0.2, 0.12)

_SEASONS = {
    1: "新春の", 2: "バレンタインの", 3: "ひな祭りの", 4: "新生活の", 5: "初夏の", 6: "梅雨の",
    7: "夏の", 8: "残暑の", 9: "初秋の", 10: "秋の味覚の", 11: "冬支度の", 12: "歳末の",
}  # fmt: skip
_KINDS = {
    "email": "メールだより", "line": "LINEだより", "sms": "SMSのお知らせ", "dm": "おはがき",
    "coupon": "クーポン", "event": "店頭試食会",
}  # fmt: skip
_SUBJECTS = (
    "{season}新商品が届きました", "{season}おすすめ10選", "週末のご来店をお待ちしています",
    "{season}まとめ買いがお得です", "会員さまへ{season}特集のご案内", "今週のおすすめレシピ",
)  # fmt: skip
_COUPON_SUBJECT = "{yen}円引きクーポンをお届けします"
_METRICS = {
    "email": (("email_human_open_rate", 0.22, 0.34), ("email_click_rate", 0.03, 0.07),
              ("conversion_rate", 0.04, 0.1)),
    "line": (("click_rate", 0.04, 0.09),),
    "sms": (("click_rate", 0.02, 0.06),),
    "dm": (("conversion_rate", 0.04, 0.1), ("redemption_rate", 0.015, 0.045)),
    "coupon": (("redemption_rate", 0.015, 0.045),),
    "event": (("conversion_rate", 0.04, 0.1),),
}  # fmt: skip
"""Rates by which a success is judged, with the range of their thresholds."""
_COSTS = {
    "email": (5_000, 1), "line": (10_000, 3), "sms": (5_000, 8), "dm": (30_000, 85),
    "coupon": (20_000, 2), "event": (180_000, 5),
}  # fmt: skip
"""Yen a campaign, and yen a person it is sent to."""


@dataclass(frozen=True)
class Campaigns:
    """All campaigns of the horizon, by send day; arrays over campaigns.

    `send_day` int16 and `send_second` int32 (of that day, local); `audience_share` of those who
    could be addressed, `holdout_share` of the audience; `lift`: probability that a treated person
    makes one more purchase within WINDOW days, 0 in an A/A campaign; `coupon_code` ('' without),
    `coupon_yen`, `coupon_days` of validity; `success_metric` ('' without), `success_threshold`,
    `registered_after`: days from the send to the day on which that rule was set, mostly negative.
    """

    send_day: NDArray[np.int16]
    send_second: NDArray[np.int32]
    channel: NDArray[np.str_]
    target: NDArray[np.int8]
    audience_share: NDArray[np.float64]
    holdout_share: NDArray[np.float64]
    lift: NDArray[np.float64]
    appeal: NDArray[np.float64]
    coupon_yen: NDArray[np.int64]
    coupon_days: NDArray[np.int16]
    subject_no: NDArray[np.int8]
    success_metric: NDArray[np.str_]
    success_threshold: NDArray[np.float64]
    registered_after: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.send_day)

    @property
    def is_aa(self) -> NDArray[np.bool_]:
        return self.lift == 0

    @cached_property
    def campaign_id(self) -> list[str]:
        return [f"C{number + 1:04d}" for number in range(len(self))]

    @cached_property
    def coupon_code(self) -> list[str]:
        return [
            f"CP{number + 1:04d}-{yen}" if yen else "" for number, yen in enumerate(self.coupon_yen)
        ]

    @cached_property
    def name(self) -> list[str]:
        return [
            f"{_SEASONS[date_of(day).month]}{_KINDS[channel]} 第{number + 1}号"
            for number, (day, channel) in enumerate(zip(self.send_day, self.channel, strict=True))
        ]

    @cached_property
    def subject(self) -> list[str]:
        """Subject lines; '' where the channel has none."""
        return [self._subject_of(number) for number in range(len(self))]

    def _subject_of(self, number: int) -> str:
        if self.channel[number] != "email":
            return ""
        if yen := self.coupon_yen[number]:
            return _COUPON_SUBJECT.format(yen=yen)
        season = _SEASONS[date_of(self.send_day[number]).month]
        return _SUBJECTS[self.subject_no[number]].format(season=season)

    def cost(self, treated: NDArray[np.int64]) -> NDArray[np.int64]:
        """Yen of each campaign that was sent to that many people."""
        fixed, each = (
            np.array([_COSTS[channel][part] for channel in self.channel]) for part in (0, 1)
        )
        return fixed + each * treated


def make_campaigns(seed: int) -> Campaigns:
    """All campaigns of the horizon: one a week, on a day of it that varies."""
    rng = stream(seed, "campaigns")
    weeks = np.arange(FIRST_SEND, HORIZON_DAYS - WINDOW - DAYS_BETWEEN, DAYS_BETWEEN)
    count = len(weeks)
    channel = _channels(rng, count)
    metric, threshold = _success_rules(rng, channel)
    return Campaigns(
        send_day=(weeks + rng.integers(0, 3, count)).astype(np.int16),
        send_second=(rng.integers(9 * 4, 18 * 4, count) * 900).astype(np.int32),
        channel=channel,
        target=rng.choice(len(TARGETS), count, p=_TARGET_WEIGHTS).astype(np.int8),
        audience_share=np.where(channel == "line", 0.8, rng.uniform(0.5, 0.8, count)),
        holdout_share=rng.uniform(0.10, 0.20, count),
        lift=_lifts(rng, channel),
        appeal=rng.uniform(0.8, 1.2, count),
        coupon_yen=_coupon_amounts(rng, channel),
        coupon_days=rng.choice([14, 21, 30], count).astype(np.int16),
        subject_no=rng.integers(0, len(_SUBJECTS), count).astype(np.int8),
        success_metric=metric,
        success_threshold=threshold,
        registered_after=np.where(
            rng.random(count) < 0.85, -rng.integers(1, 11, count), rng.integers(2, 7, count)
        ).astype(np.int8),
    )


def _channels(rng: np.random.Generator, count: int) -> NDArray[np.str_]:
    decks = [rng.permutation(CHANNEL_DECK) for _ in range(count // len(CHANNEL_DECK) + 1)]
    return np.concatenate(decks)[:count]


def _lifts(rng: np.random.Generator, channel: NDArray[np.str_]) -> NDArray[np.float64]:
    """One of three campaigns in a row is an A/A test; coupons pull most."""
    count = len(channel)
    threes = [rng.permutation([True, False, False]) for _ in range(count // 3 + 1)]
    is_aa = np.concatenate(threes)[:count]
    lift = np.where(channel == "coupon", rng.uniform(0.03, 0.05, count), 0)
    lift = np.where(channel != "coupon", rng.uniform(0.01, 0.05, count), lift)
    return np.where(is_aa, 0.0, np.round(lift, 3))


def _coupon_amounts(rng: np.random.Generator, channel: NDArray[np.str_]) -> NDArray[np.int64]:
    """Coupons of yen: every coupon and DM campaign has one, and a fifth of the e-mails."""
    has_coupon = np.isin(channel, ("coupon", "dm"))
    has_coupon |= (channel == "email") & (rng.random(len(channel)) < 0.2)
    return np.where(has_coupon, rng.choice([100, 200, 300, 500], len(channel)), 0)


def _success_rules(
    rng: np.random.Generator, channel: NDArray[np.str_]
) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
    """Metric and threshold of each campaign; a fifth has none."""
    metrics, thresholds = [], []
    for name in channel:
        choices = _METRICS[name]
        metric, low, high = choices[rng.integers(len(choices))]
        has_rule = rng.random() < 0.8
        metrics.append(metric if has_rule else "")
        thresholds.append(round(rng.uniform(low, high), 3))
    return np.array(metrics), np.array(thresholds)
