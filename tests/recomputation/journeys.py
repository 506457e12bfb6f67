"""Journeys: every touch from its own feed, the stages a customer went through, maps of them."""

from __future__ import annotations

import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tests.recomputation import lifecycle, mail, rfm
from tests.recomputation.facts import EPOCH, Facts, dates, instants

OUT = ("message_delivered", "coupon_issued", "ticket_solved")
LEAVING = ("unsubscribed", "spam_reported", "left", "line_blocked", "return")
"""What customers do without looking closer; all else that they do is an act."""
ECHOES = ("message_delivered", "coupon_issued")
WAY = ("aware", "considering", "first_purchase", "repeat", "loyal", "advocate")
SERVICE = ("order", "contact", "first_reply", "resolution", "rating")
BEST = ("CHAMPIONS", "LOYAL")
DAY = 86_400


class Touch(NamedTuple):
    """A touch; the instant in seconds since 1970, the amount in hundredths."""

    customer: str
    second: float
    day: int
    kind: str
    channel: str | None = None
    campaign: str | None = None
    store: str | None = None
    receipt: str | None = None
    ticket: str | None = None
    amount: int | None = None
    sentiment: int | None = None


# ---- touches


def touches(facts: Facts) -> list[Touch]:
    """All touches of customers who are not internal."""
    return facts.keep("touches", lambda: _touches(facts))


def _touches(facts: Facts) -> list[Touch]:
    outside = set(facts.customers.customer_key)
    found: list[Touch] = []
    for source in (_messages, _letters, _memberships, _friends, _coupons, _receipts):
        found += source(facts)
    for source in (_tickets, _surveys, _events):
        found += source(facts)
    return [touch for touch in found if touch.customer in outside]


def _rows(facts: Facts, sql: str) -> Iterator[dict[str, Any]]:
    for row in facts.work(sql).to_dict("records"):
        yield {name: None if pd.isna(value) else value for name, value in row.items()}


def _person(facts: Facts, row: dict[str, Any], *systems: tuple[str, str]) -> str | None:
    """Customer of a row by the first of its ids that is known."""
    keys = (facts.customer_of.get((system, row[column])) for system, column in systems)
    return next((key for key in keys if key is not None), None)


BY_MAIL = (("email", "subscriber_id_hash"), ("pos", "member_id_hash"))


def _messages(facts: Facts) -> list[Touch]:
    found: dict[tuple, dict[str, float]] = defaultdict(dict)
    for row in mail.events(facts).to_dict("records"):
        if row["customer_key"] is None or pd.isna(row["customer_key"]):
            continue
        done = found[(row["message"], row["address"], row["customer_key"], row["channel"])]
        campaign = row["campaign_id"]
        done.setdefault("campaign", None if pd.isna(campaign) else campaign)
        if row["human"]:
            done["opened"] = min(done.get("opened", row["second"]), row["second"])
        if row["click"]:
            done["clicked"] = min(done.get("clicked", row["second"]), row["second"])
        for event, kind in (
            ("delivered", "message_delivered"),
            ("unsubscribe", "unsubscribed"),
            ("complaint", "spam_reported"),
        ):
            if row["event_type"] == event:
                done[kind] = row["second"]
    listed: list[Touch] = []
    for (_, _, key, channel), done in found.items():
        campaign = done.pop("campaign")
        if channel != "email":
            done.pop("opened", None)
        for kind, second in done.items():
            name = f"message_{kind}" if kind in ("opened", "clicked") else kind
            listed.append(Touch(key, second, facts.local_day(second), name, channel, campaign))
    return listed


def _letters(facts: Facts) -> list[Touch]:
    sent = _rows(
        facts,
        "select campaign_id, subscriber_id_hash, member_id_hash, epoch(sent_at) as second "
        "from staging.stg_email__contacts where sent_at is not null "
        "and not coalesce(is_holdout, false)",
    )
    listed = []
    for row in sent:
        channel = facts.campaign_channels.get(row["campaign_id"])
        key, day = _person(facts, row, *BY_MAIL), facts.local_day(row["second"])
        if channel in ("dm", "event") and key is not None and day <= facts.as_of:
            listed.append(
                Touch(key, row["second"], day, "message_delivered", channel, row["campaign_id"])
            )
    return listed


def _memberships(facts: Facts) -> list[Touch]:
    channels = dict(zip(facts.stores.store_id, facts.stores.channel, strict=True))
    homes = facts.customers.set_index("customer_key").home_store_id
    members = [
        row | {"key": facts.customer_of.get(("pos", row["member_id_hash"]))}
        for row in _rows(
            facts,
            "select member_id_hash, referred_by_member_id_hash as referrer, "
            "home_store_id as store, epoch(joined_at) as joined, epoch(left_at) as gone "
            "from staging.stg_pos__members order by joined_at, member_id_hash",
        )
    ]
    first: dict[str, dict[str, Any]] = {}
    listed: list[Touch] = []
    for row in members:
        if row["key"] is None:
            continue
        first.setdefault(row["key"], row)
        if row["joined"] is None or facts.local_day(row["joined"]) > facts.as_of:
            continue
        for kind, second in (("joined", row["joined"]), ("left", row["gone"])):
            if second is not None and facts.local_day(second) <= facts.as_of:
                place = (channels.get(row["store"]), None, row["store"])
                listed.append(Touch(row["key"], second, facts.local_day(second), kind, *place))
    outside = set(facts.customers.customer_key)
    for key, row in first.items():
        by = facts.customer_of.get(("pos", row["referrer"])) if row["referrer"] else None
        if by is None or by == key or row["joined"] is None or key not in outside:
            continue
        earlier = first.get(by)
        since = earlier["joined"] if earlier is not None else None
        if since is not None and since >= row["joined"]:
            continue
        day = facts.local_day(row["joined"])
        if day <= facts.as_of:
            home = homes.get(key)
            home = None if pd.isna(home) else home
            place = (channels.get(home), None, home)
            listed.append(Touch(by, row["joined"], day, "referral", *place))
    return listed


def _friends(facts: Facts) -> list[Touch]:
    owners: dict[str, set[str]] = defaultdict(set)
    links = "stg_support__chat_links where action = 'link_account' and"
    for system, table, column, day in (
        ("pos", "stg_pos__members where", "member_id_hash", "null"),
        ("support", "stg_support__requesters where", "requester_id_hash", "null"),
        ("pos", links, "member_id_hash", "occurred_date - date '1970-01-01'"),
    ):
        for row in _rows(
            facts,
            f"select line_user_id_hash as account, {column} as id, {day} as day "
            f"from staging.{table} line_user_id_hash is not null and {column} is not null",
        ):
            key = facts.customer_of.get((system, row["id"]))
            if key is not None and (row["day"] is None or row["day"] <= facts.as_of):
                owners[row["account"]].add(key)
    listed = []
    for row in _rows(
        facts,
        "select line_user_id_hash as account, action, epoch(occurred_at) as second "
        "from staging.stg_support__chat_links where action in ('follow', 'block')",
    ):
        day = facts.local_day(row["second"])
        if row["account"] in owners and day <= facts.as_of:
            kind = {"follow": "line_followed", "block": "line_blocked"}[row["action"]]
            listed.append(Touch(min(owners[row["account"]]), row["second"], day, kind, "line"))
    return listed


def _coupons(facts: Facts) -> list[Touch]:
    listed: list[Touch] = []
    issued: dict[tuple[str, str], tuple[float, str | None]] = {}
    of_codes: dict[str, str] = {}
    for row in _rows(
        facts,
        "select coupon_code as code, member_id_hash, campaign_id as campaign, "
        "epoch(issued_at) as second from staging.stg_pos__coupons_issued "
        "order by issued_at, member_id_hash desc",
    ):
        if row["second"] is None or facts.local_day(row["second"]) > facts.as_of:
            continue
        if row["campaign"] is not None:
            of_codes[row["code"]] = row["campaign"]
        key = _person(facts, row, ("pos", "member_id_hash"))
        if key is not None:
            issued[row["code"], key] = (row["second"], row["campaign"])
    for (_, key), (second, campaign) in issued.items():
        day = facts.local_day(second)
        listed.append(Touch(key, second, day, "coupon_issued", "coupon", campaign))
    receipts = facts.receipts.set_index("receipt_id").to_dict("index")
    for row in _rows(
        facts,
        "select coupon_code as code, receipt_id, member_id_hash, campaign_id as campaign, "
        "epoch(redeemed_at) as second from staging.stg_pos__coupon_redemptions",
    ):
        sale = receipts.get(row["receipt_id"])
        if row["receipt_id"] is not None and (sale is None or sale["receipt_type"] != "sale"):
            continue
        second = row["second"] if row["second"] is not None else sale and sale["closed"]
        if second is None:
            continue
        key = _person(facts, row, ("pos", "member_id_hash"))
        if key is None and sale is not None and not pd.isna(sale["customer_key"]):
            key = sale["customer_key"]
        day = facts.local_day(second) if sale is None else sale["day"]
        if key is None or day > facts.as_of:
            continue
        campaign = row["campaign"] or issued.get((row["code"], key), (0, None))[1]
        campaign = campaign or of_codes.get(row["code"])
        store = None if sale is None else sale["store_id"]
        listed.append(
            Touch(key, second, day, "coupon_redeemed", "coupon", campaign, store, row["receipt_id"])
        )
    return listed


def _receipts(facts: Facts) -> list[Touch]:
    kinds = {"sale": "purchase", "return": "return"}
    receipts = facts.receipts[facts.receipts.customer_key.notna()]
    listed = []
    place: dict[str, tuple] = {}
    for row in receipts.to_dict("records"):
        where = (row["channel"], None, row["store_id"], row["receipt_id"])
        when = (row["customer_key"], row["closed"], row["day"])
        place[row["receipt_id"]] = (when, where)
        amount = row["net_sales_refund_dated"]
        listed.append(Touch(*when, kinds[row["receipt_type"]], *where, None, amount))
    clubs = facts.work(
        "select product_id from staging.stg_pos__products where membership_months > 0"
    )
    lines = facts.lines[
        (facts.lines.receipt_type == "sale")
        & (facts.lines.line_type == "sale")
        & (facts.lines.quantity > 0)
        & facts.lines.receipt_id.isin(place)
    ]
    samples = lines[lines.is_sample.fillna(False).astype(bool)]
    for receipt in samples.drop_duplicates(["receipt_id", "product_id"]).receipt_id:
        when, where = place[receipt]
        listed.append(Touch(*when, "sample_received", *where))
    sold = lines[lines.product_id.isin(clubs.product_id) & ~lines.index.isin(samples.index)]
    paid = sold.groupby(["receipt_id", "product_id"]).net_sales.sum()
    for receipt, _ in paid[paid == 0].index:
        when, where = place[receipt]
        listed.append(Touch(*when, "trial_started", *where))
    return listed


def _tickets(facts: Facts) -> list[Touch]:
    listed = []
    tickets = facts.query(
        "select ticket_id, customer_key, channel, store_id, related_receipt_id, ticket_type, "
        "epoch(created_at) as opened, epoch(last_solved_at) as solved, is_solved, is_merged "
        "from marts.support_ticket where customer_key is not null"
    ).to_dict("records")
    tickets = {
        row["ticket_id"]: {n: None if pd.isna(v) else v for n, v in row.items()} for row in tickets
    }
    moods = {"complaint": -1, "praise": 1}

    def add(row: dict[str, Any], second: float, kind: str, mood: int | None = None) -> None:
        where = (row["channel"], None, row["store_id"], row["related_receipt_id"])
        when = (row["customer_key"], second, facts.local_day(second))
        listed.append(Touch(*when, kind, *where, row["ticket_id"], None, mood))

    for row in tickets.values():
        add(row, row["opened"], "ticket_opened", moods.get(row["ticket_type"]))
        if row["is_solved"] and not row["is_merged"] and row["solved"] is not None:
            add(row, row["solved"], "ticket_solved")
    for row in _rows(
        facts,
        "select ticket_id, score, epoch(coalesce(rated_at, offered_at)) as second "
        "from staging.stg_support__satisfaction_ratings where score is not null",
    ):
        if row["ticket_id"] in tickets and facts.local_day(row["second"]) <= facts.as_of:
            add(tickets[row["ticket_id"]], row["second"], "rated", 1 if row["score"] >= 4 else -1)
    return listed


def _surveys(facts: Facts) -> list[Touch]:
    asked = facts.metrics.nps_question_code
    forms: dict[tuple, list[int]] = defaultdict(list)
    for row in _rows(
        facts,
        "select survey_id, wave, member_id_hash, requester_id_hash, question_code, score, "
        "epoch(responded_at) as second from staging.stg_support__survey_responses",
    ):
        key = _person(facts, row, ("pos", "member_id_hash"), ("support", "requester_id_hash"))
        if key is None or facts.local_day(row["second"]) > facts.as_of:
            continue
        form = forms[key, row["survey_id"], row["wave"], row["second"]]
        if row["question_code"] == asked and row["score"] is not None:
            form.append(row["score"])
    listed = []
    for (key, _, _, second), scores in forms.items():
        mood = None if not scores else 1 if min(scores) >= 9 else -1 if min(scores) <= 6 else 0
        touch = Touch(key, second, facts.local_day(second), "survey_answered", "survey")
        listed.append(touch._replace(sentiment=mood))
    return listed


def _events(facts: Facts) -> list[Touch]:
    kinds = {"registered": "event_registered", "attended": "event_attended"}
    listed = []
    for row in _rows(
        facts,
        "select campaign_id, subscriber_id_hash, member_id_hash, store_id, action, "
        "epoch(occurred_at) as second from staging.stg_email__attendances",
    ):
        key, day = _person(facts, row, *BY_MAIL), facts.local_day(row["second"])
        if row["action"] in kinds and key is not None and day <= facts.as_of:
            kind = kinds[row["action"]]
            where = ("event", row["campaign_id"], row["store_id"])
            listed.append(Touch(key, row["second"], day, kind, *where))
    return listed


def _with_ids(facts: Facts, table: pd.DataFrame) -> pd.DataFrame:
    """The published key of the touch that is alike, for a key is opaque; else one of its own."""
    published = facts.mart("fct_touchpoint")
    assert published is not None
    near = ["customer_key", "occurred_at", "touchpoint_type"]
    rest = ["channel", "campaign_id", "store_id", "receipt_id", "ticket_id", "amount", "sentiment"]
    sides = []
    for side in (published, table):
        values = side[[*near, *rest]].copy()
        for name in ("amount", "sentiment"):
            values[name] = pd.to_numeric(values[name]).astype("Float64")
        values[rest] = values[rest].astype("string").fillna("")
        values = values.sort_values([*near, *rest], kind="stable")
        values["occurred_at"] = values.occurred_at.astype("datetime64[us]")
        sides.append(values.assign(place=values.groupby(near).cumcount()))
    sides[0]["touchpoint_id"] = published.touchpoint_id.loc[sides[0].index]
    sides[1]["row"] = sides[1].index
    found = sides[1].merge(sides[0], on=[*near, "place"], how="left").set_index("row")
    ids = found.touchpoint_id.loc[table.index]
    missing = pd.Series([f"missing-{row}" for row in table.index], index=table.index)
    return table.assign(touchpoint_id=ids.fillna(missing))


def touchpoints(facts: Facts) -> pd.DataFrame:
    """fct_touchpoint, each touch with the id of a published one that is alike in everything."""
    return facts.keep("touchpoints", lambda: _touchpoints(facts))


def _touchpoints(facts: Facts) -> pd.DataFrame:
    return _with_ids(
        facts,
        pd.DataFrame(
            {
                "customer_key": [t.customer for t in touches(facts)],
                "occurred_at": instants(t.second for t in touches(facts)),
                "business_date": dates(t.day for t in touches(facts)),
                "touchpoint_type": [t.kind for t in touches(facts)],
                "channel": [t.channel for t in touches(facts)],
                "direction": ["out" if t.kind in OUT else "in" for t in touches(facts)],
                "campaign_id": [t.campaign for t in touches(facts)],
                "store_id": [t.store for t in touches(facts)],
                "receipt_id": [t.receipt for t in touches(facts)],
                "ticket_id": [t.ticket for t in touches(facts)],
                "amount": [None if t.amount is None else t.amount / 100 for t in touches(facts)],
                "sentiment": [t.sentiment for t in touches(facts)],
            }
        ),
    )


# ---- stages


class Way(NamedTuple):
    """When a customer reached what, in seconds; `since` are the days of the stages reached."""

    at: dict[str, float]
    since: dict[str, int]
    dormant: float | None
    returned: float | None


def _midnight(facts: Facts, day: int) -> float:
    """The instant at which a date begins on the company's clocks."""
    start = pd.Timestamp(EPOCH) + pd.Timedelta(days=int(day))
    return start.tz_localize(facts.zone).timestamp()


def _by_customer(facts: Facts) -> dict[str, list[Touch]]:
    def make() -> dict[str, list[Touch]]:
        found: dict[str, list[Touch]] = defaultdict(list)
        for touch in sorted(touches(facts), key=lambda touch: touch.second):
            found[touch.customer].append(touch)
        return found

    return facts.keep("touches_of_customers", make)


def _first_days_among_the_best(facts: Facts) -> dict[str, int]:
    """By customer the first month end among the best, else when today's group began."""
    states = rfm.all_states(facts)
    best = states[(states.rfm_window == "lifetime") & states.rfm_group.isin(BEST)]
    best = best[best.day.isin(facts.complete_month_ends)]
    found = best.groupby("customer_key").day.min().to_dict()
    today = rfm.recompute(facts)
    today = today[(today.rfm_window == "lifetime") & today.rfm_group.isin(BEST)]
    for row in today.to_dict("records"):
        changed = row["group_changed_on"]
        day = facts.as_of if pd.isna(changed) else (changed - pd.Timestamp(EPOCH)).days
        found[row["customer_key"]] = min(found.get(row["customer_key"], day), day)
    return found


def ways(facts: Facts) -> dict[str, Way]:
    """The way of each customer."""
    return facts.keep("ways", lambda: dict(_ways(facts)))


def _ways(facts: Facts) -> Iterator[tuple[str, Way]]:
    orders: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for row in facts.orders.itertuples(index=False):
        orders[row.customer_key].append((row.closed, row.day))
    best, lives = _first_days_among_the_best(facts), lifecycle.lives(facts)
    for key in facts.customers.customer_key:
        own, bought = _by_customer(facts).get(key, []), orders.get(key, [])
        at: dict[str, float] = {}
        since: dict[str, int] = {}
        if own:
            at["aware"], since["aware"] = own[0].second, min(touch.day for touch in own)
        acts = [t.second for t in own if t.kind not in (*OUT, *LEAVING)]
        if acts and not (bought and acts[0] >= bought[0][0]):
            at["considering"] = acts[0]
        if bought:
            at["first_purchase"], since["first_purchase"] = bought[0]
            if len(bought) > 1:
                later = min(second for second, _ in bought[1:])
                at["repeat"] = max(later, bought[0][0])
                since["repeat"] = min(day for _, day in bought[1:])
            if key in best:
                at["loyal"] = max(_midnight(facts, best[key] + 1), bought[0][0])
                since["loyal"] = best[key]
            for touch in own:
                liked = touch.kind == "survey_answered" and touch.sentiment == 1
                if touch.kind == "referral" or (liked and touch.second >= bought[0][0]):
                    reached = max(touch.second, bought[0][0])
                    at["advocate"] = min(at.get("advocate", reached), reached)
        for stage in ("considering", "advocate"):
            if stage in at:
                since[stage] = facts.local_day(at[stage])
        spells = lives[key].spells if key in lives else []
        gone = [s.start for s in spells if s.status in lifecycle.GONE and s.start <= facts.as_of]
        back = [s.start for s in spells if s.status == "reactivated" and gone and s.start > gone[0]]
        yield (
            key,
            Way(
                at,
                since,
                _midnight(facts, gone[0]) if gone else None,
                _midnight(facts, back[0]) if back else None,
            ),
        )


def _furthest(way: Way, reached: Callable[[str], bool]) -> str | None:
    return next((stage for stage in reversed(WAY) if stage in way.at and reached(stage)), None)


def stages(facts: Facts) -> pd.DataFrame:
    """journey_stage: a row a customer."""
    return facts.keep("journey_stages", lambda: _stages(facts))


def _stages(facts: Facts) -> pd.DataFrame:
    ids = touchpoints(facts)
    ends: dict[str, list[tuple]] = defaultdict(list)
    seconds = [touch.second for touch in touches(facts)]
    for second, touch_id, touch in zip(seconds, ids.touchpoint_id, touches(facts), strict=True):
        ends[touch.customer].append((second, touch_id, touch))
    status = lifecycle.recompute(facts).set_index("customer_key").to_dict("index")
    member_since = facts.customers.set_index("customer_key").member_since
    rows = []
    for key, way in ways(facts).items():
        now, own = status[key], ends.get(key, [])
        asleep = now["lifecycle_status"] in lifecycle.GONE
        furthest = _furthest(way, lambda stage: True) or "aware"
        reached, back = way.since.get(furthest), _day(now["reactivated_on"])
        if asleep:
            entered = _day(now["dormant_since"])
            midnight = _midnight(facts, entered)
            before = _furthest(way, lambda stage: way.at[stage] < midnight)  # noqa: B023
        elif back is not None and reached is not None and back >= reached:
            entered, before = back, "dormant"
        else:
            entered = reached
            places = {stage: place for place, stage in enumerate(WAY)}
            before = _furthest(
                way,
                lambda stage: (
                    places[stage] < places[furthest] and way.at[stage] <= way.at[furthest]  # noqa: B023
                ),
            )
        last = max((second for second, _, _ in own), default=None)
        firsts = [of for of in own if of[0] == way.at.get("aware")]
        lasts = [of for of in own if of[0] == last]
        last_touch = min(lasts)[2] if lasts else None
        rows.append(
            {
                "customer_key": key,
                "journey_stage": "dormant" if asleep else furthest,
                "entered_on": entered,
                "previous_stage": before,
                "furthest_stage": furthest,
                **{f"{stage}_at": way.at.get(stage) for stage in WAY},
                "dormant_at": way.dormant,
                "returned_at": way.returned,
                "is_left_censored": bool(member_since.get(key) < facts.first_day),
                "first_touch_channel": min(firsts)[2].channel if firsts else None,
                "last_touchpoint_at": last,
                "last_touchpoint_type": last_touch.kind if last_touch else None,
                "last_touchpoint_channel": last_touch.channel if last_touch else None,
                "touchpoints": len(own),
                "touchpoints_90d": sum(of[2].day > facts.as_of - 90 for of in own),
            }
        )
    table = pd.DataFrame(rows)
    for column in table.columns:
        if column.endswith("_at"):
            table[column] = instants(table[column])
    return table.assign(entered_on=dates(table.entered_on))


def _day(value: Any) -> int | None:
    return None if pd.isna(value) else (value - pd.Timestamp(EPOCH)).days


# ---- events


def events(facts: Facts) -> pd.DataFrame:
    """journey_event: a row a touch that is more than something sent out."""
    return facts.keep("journey_events", lambda: _events_of_journeys(facts))


def _events_of_journeys(facts: Facts) -> pd.DataFrame:
    ids = touchpoints(facts).touchpoint_id
    own: dict[str, list[tuple[float, str, Touch]]] = defaultdict(list)
    for touch_id, touch in zip(ids, touches(facts), strict=True):
        first = ways(facts)[touch.customer].at["aware"]
        if touch.kind not in ECHOES or touch.second == first:
            own[touch.customer].append((touch.second, touch_id, touch))
    rows = []
    for key, of in own.items():
        of.sort(key=lambda one: one[:2])
        spells = lifecycle.lives(facts)[key].spells if key in lifecycle.lives(facts) else []
        starts = [spell.start for spell in spells]
        for number, (second, touch_id, touch) in enumerate(of, 1):
            place = bisect.bisect_right(starts, touch.day) - 1
            stage = _furthest(ways(facts)[key], lambda s: ways(facts)[key].at[s] <= second)  # noqa: B023
            if place >= 0 and spells[place].status in lifecycle.GONE:
                stage = "dormant"
            rows.append(
                {
                    "touchpoint_id": touch_id,
                    "customer_key": key,
                    "event_no": number,
                    "occurred_at": second,
                    "business_date": touch.day,
                    "touchpoint_type": touch.kind,
                    "channel": touch.channel,
                    "direction": "out" if touch.kind in OUT else "in",
                    "stage": stage,
                    "hours_to_next": (of[number][0] - second) / 3600 if number < len(of) else None,
                    "campaign_id": touch.campaign,
                    "amount": None if touch.amount is None else touch.amount / 100,
                    "sentiment": touch.sentiment,
                }
            )
    table = pd.DataFrame(rows)
    return table.assign(
        occurred_at=instants(table.occurred_at), business_date=dates(table.business_date)
    )


# ---- maps


def maps(facts: Facts) -> pd.DataFrame:
    """journey_map: a row a map, segment and step."""
    table = stages(facts).set_index("customer_key")
    ages = facts.customers.set_index("customer_key").age_band
    groups = rfm.states_at(facts, facts.as_of, "lifetime").set_index("customer_key").rfm_group
    segments = {
        key: {
            "all": "all",
            "age_band": _known(ages.get(key)),
            "first_touch_channel": _known(table.first_touch_channel.get(key)),
            "rfm_group": groups.get(key, "PROSPECTS"),
        }
        for key in table.index
    }
    units: dict[str, list[tuple[str, list, bool]]] = {"purchase": [], "service": []}
    censored = table.is_left_censored.to_dict()
    for key, way in ways(facts).items():
        steps = [(stage, way.at.get(stage)) for stage in WAY]
        units["purchase"].append((key, [*steps, ("dormant", way.dormant)], not censored[key]))
    felt: dict[tuple, list[tuple[str, str | None, Any]]] = defaultdict(list)
    for row in events(facts).itertuples(index=False):
        channel = None if pd.isna(row.channel) else row.channel
        mood = (row.customer_key, channel, row.sentiment)
        felt["purchase", row.stage, row.customer_key].append(mood)
    for number, (key, shown, steps) in enumerate(_cases(facts)):
        units["service"].append((key, steps, True))
        for step, channel, mood in shown:
            felt["service", step, key].append((str(number), channel, mood))
    return _count(facts, units, segments, felt)


def _known(value: Any) -> str:
    return "unknown" if value is None or pd.isna(value) else value


def _cases(facts: Facts) -> Iterator[tuple[str, list[tuple], list[tuple[str, float | None]]]]:
    """Tickets that go on in no other: customer, touches by step, and when each step was reached."""
    closed = dict(zip(facts.receipts.receipt_id, facts.receipts.closed, strict=True))
    kinds = {"ticket_opened": "contact", "ticket_solved": "resolution", "rated": "rating"}
    told: dict[str, list[Touch]] = defaultdict(list)
    for touch in touches(facts):
        if touch.ticket is not None:
            told[touch.ticket].append(touch)
    for row in facts.query(
        "select ticket_id, customer_key, related_receipt_id as receipt, "
        "epoch(created_at) as created, epoch(first_reply_at) as replied, "
        "epoch(first_solved_at) as solved from marts.support_ticket "
        "where not is_merged and customer_key is not null"
    ).to_dict("records"):
        if row["ticket_id"] not in told:
            continue
        own = told[row["ticket_id"]]
        ordered = closed.get(row["receipt"])
        rated = [touch.second for touch in own if touch.kind == "rated"]
        reached = [
            ordered if ordered is not None and ordered <= row["created"] else None,
            row["created"],
            None if pd.isna(row["replied"]) else row["replied"],
            None if pd.isna(row["solved"]) else row["solved"],
            min(rated) if rated else None,
        ]
        shown = [(kinds[touch.kind], touch.channel, touch.sentiment) for touch in own]
        yield row["customer_key"], shown, list(zip(SERVICE, reached, strict=True))


def _count(facts: Facts, units: dict, segments: dict, felt: dict) -> pd.DataFrame:
    least = facts.metrics.min_respondents
    matured_before = _midnight(facts, facts.as_of + 1) - facts.metrics.maturity_days * DAY
    names = {"purchase": (*WAY, "dormant"), "service": SERVICE}
    sizes: Counter[tuple] = Counter()
    found: dict[tuple, dict[str, Any]] = defaultdict(
        lambda: {"reached": 0, "hours": [], "gone": []}
    )
    for map_name, people in units.items():
        for key, steps, is_timed in people:
            for segment in segments[key].items():
                sizes[map_name, *segment] += 1
            for place, (step, at) in enumerate(steps):
                if at is None:
                    continue
                last = len(steps) - 1 if map_name == "service" else len(WAY) - 1
                if step == "dormant":
                    later = [ways(facts)[key].returned]
                else:
                    later = [other for _, other in steps[place + 1 : last + 1]]
                known = [other for other in later if other is not None]
                follows = min(known) if known else None
                counts = is_timed and bool(later) and (follows is None or follows >= at)
                for segment in segments[key].items():
                    of = found[(map_name, *segment, step)]
                    of["reached"] += 1
                    if counts and follows is not None:
                        of["hours"].append((follows - at) / 3600)
                    if counts and at <= matured_before:
                        of["gone"].append(follows is None)
    moods: dict[tuple, list[tuple]] = defaultdict(list)
    for (map_name, step, key), of_key in felt.items():
        for segment in segments[key].items():
            moods[(map_name, *segment, step)] += of_key
    rows = []
    for (map_name, kind, segment), size in sizes.items():
        for number, step in enumerate(names[map_name], 1):
            of = found[map_name, kind, segment, step]
            row = {
                "map_type": map_name,
                "segment_type": kind,
                "segment": segment,
                "step_no": number,
                "step": step,
                "units": size,
            }
            rows.append(row | _measures(of, moods[map_name, kind, segment, step], size, least))
    return pd.DataFrame(rows)


def _measures(of: dict[str, Any], moods: list[tuple], size: int, least: int) -> dict[str, Any]:
    hours, gone, reached = of["hours"], of["gone"], of["reached"]
    shown = [(person, int(mood)) for person, _, mood in moods if not pd.isna(mood)]
    people, total = len({person for person, _ in shown}), sum(mood for _, mood in shown)
    channels = Counter(channel for _, channel, _ in moods)
    main = min(channels, key=lambda name: (-channels[name], name is None, name or ""), default=None)
    is_shown = reached >= least
    return {
        "reached": reached,
        "reach_share": reached / size,
        "timed": len(hours),
        "p50_hours_to_next": np.quantile(hours, 0.5) if len(hours) >= least else None,
        "p90_hours_to_next": np.quantile(hours, 0.9) if len(hours) >= least else None,
        "matured": len(gone),
        "dropped": sum(gone),
        "drop_off_share": sum(gone) / len(gone) if len(gone) >= least else None,
        "sentiment_people": people,
        "sentiment_n": len(shown),
        "sentiment_sum": total,
        "mean_sentiment": total / len(shown) if people >= least else None,
        "touches": len(moods),
        "main_channel": main if is_shown else None,
        "main_channel_share": channels[main] / len(moods) if is_shown and moods else None,
        "is_shown": is_shown,
    }
