"""What is asked for when a list with addresses is handed out, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

CONSENT_CHANNEL = {"email": "email", "line": "line", "sms": "sms", "post": "dm"}
"""Channels of an export by the word that consents, campaigns and promotion lists have for them."""

REASONS = {
    "gone": "no record of this person is left",
    "internal": "staff or owner account",
    "held_out": "held out of a campaign that is not measured to its end",
    "no_consent": "no consent to this purpose on this channel",
    "unsubscribed": "said no since, on any address",
    "complained": "called a message spam since",
    "hard_bounce": "no address that works",
    "no_address": "no address that may be used",
    "same_address": "the address is on the list already, for somebody else",
    "suppressed": "nothing may be sent",
    "open_complaint": "a complaint is not solved",
    "frequency_cap": "written to often enough",
}
"""Why somebody is left out, in words. The last three are found by the list alone."""


@dataclass(frozen=True)
class ListRequest:
    """A list or segment (`kind`) to hand out for a purpose on a channel of `CONSENT_CHANNEL`.

    `marketing_purpose` is the purpose that LINE's following is a consent to. `now` (UTC) and
    `effect_weeks` say whether a campaign is still measured; who is held out of `campaign_id` is
    left out in any case.
    """

    kind: str
    list_id: str
    channel: str
    purpose: str
    marketing_purpose: str
    now: datetime
    effect_weeks: int
    campaign_id: str = ""


@dataclass(frozen=True)
class ListResult:
    """Candidates = rows written + those refused, each counted under one reason."""

    candidates: int
    rows: int
    sha256: str
    replaced: int = 0
    refused: dict[str, int] = field(default_factory=dict)
