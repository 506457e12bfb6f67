"""Campaigns, their audiences, and the orders that are attributed to them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import Any

import pandas as pd

from tests.recomputation import mail
from tests.recomputation.facts import Facts, date_of, dates, instants

RANK = {"click": 1, "open": 2, "attendance": 3}
TOUCHES = {("email", "click"), ("email", "open"), ("line", "click"), ("sms", "click")}
HOUR = 3600
REACHED = ("delivered", "bounced_hard", "bounced_soft")
SOFT_LIMIT = 3


def windows(facts: Facts) -> dict[str, int]:
    """Hours within which a touch of a channel counts."""
    metrics = facts.metrics
    return {
        c: getattr(metrics, f"attribution_hours_{c}") for c in ("email", "line", "sms", "event")
    }


def end_of_as_of(facts: Facts) -> float:
    """The instant at which the as-of date is over for the company."""
    midnight = pd.Timestamp(date_of(facts.as_of + 1), tz=str(facts.zone))
    return midnight.timestamp()


def opaque(letter: str, *parts: str) -> str:
    return letter + hashlib.md5("|".join(parts).encode()).hexdigest()[:24]


def here(value: Any) -> Any:
    """None for whatever pandas takes for missing."""
    return None if value is None or pd.isna(value) else value


# ---- what the sources say


def listed(facts: Facts) -> dict[str, dict[str, Any]]:
    """The list of campaigns."""
    table = facts.work(
        "select campaign_id, name, channel, subject, epoch(sent_at) as sent, "
        "cast(cost as double) as cost, success_metric, "
        "cast(success_threshold as double) as threshold, "
        "epoch(success_registered_at) as registered from staging.stg_email__campaigns"
    )
    return {row["campaign_id"]: row for row in table.to_dict("records")}


def contacts(facts: Facts) -> list[dict[str, Any]]:
    """The lists of audiences."""
    return facts.keep("contacts", lambda: _contacts(facts))


def _contacts(facts: Facts) -> list[dict[str, Any]]:
    table = facts.work(
        "select campaign_id, subscriber_id_hash, member_id_hash, variant, is_holdout, "
        "epoch(sent_at) as sent from staging.stg_email__contacts"
    )
    return [{key: here(value) for key, value in row.items()} for row in table.to_dict("records")]


def issues(facts: Facts) -> dict[tuple[str, str], dict[str, Any]]:
    """The last coupon of each code that a person holds."""
    table = facts.work(
        "select coupon_code, member_id_hash, campaign_id, epoch(issued_at) as issued, "
        "epoch(expires_at) as expires from staging.stg_pos__coupons_issued"
    )
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in table.to_dict("records"):
        row = {key: here(value) for key, value in row.items()}
        if row["issued"] is not None and facts.local_day(row["issued"]) > facts.as_of:
            continue
        key = facts.customer_of.get(("pos", row["member_id_hash"]))
        row |= {"customer_key": key, "person": key or row["member_id_hash"]}
        place = (row["coupon_code"], row["person"])
        known = found.get(place)
        later = known is None or _issue_order(row) < _issue_order(known)
        if later:
            found[place] = row
    return found


def _issue_order(row: dict[str, Any]) -> tuple:
    return (-(row["issued"] if row["issued"] is not None else -1), row["member_id_hash"])


def redemptions(facts: Facts) -> list[dict[str, Any]]:
    """Redemptions that count, with person and campaign."""
    return facts.keep("redemptions", lambda: _redemptions(facts))


def _redemptions(facts: Facts) -> list[dict[str, Any]]:
    table = facts.work(
        "select redemption_id, coupon_code, receipt_id, member_id_hash, campaign_id, "
        "epoch(redeemed_at) as redeemed, cast(discount_amount * 100 as bigint) as discount "
        "from staging.stg_pos__coupon_redemptions"
    )
    receipts = facts.receipts.set_index("receipt_id")[
        ["receipt_type", "customer_key", "closed", "is_internal"]
    ].to_dict("index")
    held = issues(facts)
    last: dict[str, tuple] = {}
    for (code, _), issue in held.items():
        if issue["campaign_id"] is not None:
            since = issue["issued"] if issue["issued"] is not None else float("-inf")
            order = (-since, issue["campaign_id"])
            last[code] = min(last.get(code, order), order)
    found = []
    for row in table.to_dict("records"):
        row = {key: here(value) for key, value in row.items()}
        sale = receipts.get(row["receipt_id"])
        if row["receipt_id"] is None:
            if row["redeemed"] is None or facts.local_day(row["redeemed"]) > facts.as_of:
                continue
            sale = {"customer_key": None, "closed": None, "is_internal": False}
        elif sale is None or sale["receipt_type"] != "sale":
            continue
        key = facts.customer_of.get(("pos", row["member_id_hash"])) or here(sale["customer_key"])
        person = key or row["member_id_hash"]
        issue = held.get((row["coupon_code"], person))
        campaigns = (
            row["campaign_id"],
            issue and issue["campaign_id"],
            last.get(row["coupon_code"], (0, None))[1],
        )
        found.append(
            row
            | {
                "customer_key": key,
                "person": person,
                "is_issued": issue is not None,
                "campaign_id": next((name for name in campaigns if name), None),
                "redeemed": sale["closed"] if row["redeemed"] is None else row["redeemed"],
                "is_internal": bool(sale["is_internal"]) or key in facts.internal,
            }
        )
    return found


def event_records(facts: Facts) -> list[dict[str, Any]]:
    table = facts.work(
        "select attendance_id, campaign_id, action, epoch(occurred_at) as second, store_id, "
        "subscriber_id_hash, member_id_hash from staging.stg_email__attendances "
        "order by occurred_at, attendance_id"
    )
    found = []
    for row in table.to_dict("records"):
        row = {key: here(value) for key, value in row.items()}
        if facts.local_day(row["second"]) <= facts.as_of:
            address, card = row["subscriber_id_hash"], row["member_id_hash"]
            key = facts.customer_of.get(("email", address)) or facts.customer_of.get(("pos", card))
            found.append(row | {"customer_key": key, "person": key or address or card})
    return found


# ---- campaigns


def begun(facts: Facts) -> dict[str, dict[str, Any]]:
    """Campaigns that began, with first and last send."""
    return facts.keep("begun", lambda: _begun(facts))


def _begun(facts: Facts) -> dict[str, dict[str, Any]]:
    known = listed(facts)
    sends, traces = defaultdict(list), defaultdict(list)
    kinds: dict[str, set[str]] = defaultdict(set)
    for name, row in known.items():
        _add(facts, sends, kinds, name, row["sent"])
    for row in contacts(facts):
        _add(facts, sends, kinds, row["campaign_id"], row["sent"])
    for (name, _), of in messages(facts).items():
        arrival = [of[k] for k in ("delivered", "bounce_hard", "bounce_soft") if k in of]
        if arrival:
            _add(facts, sends, kinds, name, arrival[0])
        seen = [of[kind] for kind in ("human", "machine", "dropped") if kind in of]
        if seen:
            traces[name].append(seen[0])
            kinds[name].add("mail")
    for issue in issues(facts).values():
        if issue["campaign_id"] and issue["issued"] is not None:
            traces[issue["campaign_id"]].append(issue["issued"])
            kinds[issue["campaign_id"]].add("coupon")
    for row in redemptions(facts):
        if row["campaign_id"]:
            traces[row["campaign_id"]].append(row["redeemed"])
            kinds[row["campaign_id"]].add("coupon")
    for row in event_records(facts):
        traces[row["campaign_id"]].append(row["second"])
        kinds[row["campaign_id"]].add("event")
    found = {}
    for name in kinds:
        times = sends[name] or traces[name]
        (only,) = kinds[name] if len(kinds[name]) == 1 else ("mail",)
        guess = "email" if only == "mail" else only
        found[name] = {
            "first": min(times),
            "last": max(times),
            "channel": known[name]["channel"] if name in known else guess,
            "is_listed": name in known,
        }
    return found


def _add(facts: Facts, sends: dict, kinds: dict, name: str, second: Any) -> None:
    if here(second) is not None and facts.local_day(second) <= facts.as_of:
        sends[name].append(second)
        kinds[name].add("mail")


def messages(facts: Facts) -> dict[tuple[str, str], dict[str, float]]:
    """Of each campaign and address the last instant of each kind of event."""
    return facts.keep("messages", lambda: _messages(facts))


def _messages(facts: Facts) -> dict[tuple[str, str], dict[str, float]]:
    found: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    events = mail.events(facts)
    for event in events[events.campaign_id.notna()].itertuples(index=False):
        of = found[event.campaign_id, event.address]
        if event.event_type not in ("open", "click"):
            of[event.event_type] = event.second
        for name in ("human", "machine", "click"):
            if getattr(event, name):
                of[name] = event.second
    return found


def campaigns(facts: Facts) -> pd.DataFrame:
    """dim_campaign: a row a campaign that began."""
    known = listed(facts)
    held_out = {row["campaign_id"] for row in contacts(facts) if row["is_holdout"]}
    rows = []
    for name, campaign in begun(facts).items():
        row = known.get(name, {})
        metric, threshold = here(row.get("success_metric")), here(row.get("threshold"))
        registered, before = here(row.get("registered")), None
        if metric is not None and threshold is not None:
            before = registered is not None and registered < campaign["first"]
        rows.append(
            {
                "campaign_id": name,
                "campaign_name": row.get("name"),
                "channel": campaign["channel"],
                "subject": row.get("subject"),
                "first_sent_at": campaign["first"],
                "last_sent_at": campaign["last"],
                "sent_date": min(facts.local_day(campaign["first"]), facts.as_of),
                "last_sent_date": min(facts.local_day(campaign["last"]), facts.as_of),
                "cost": row.get("cost"),
                "success_metric": metric,
                "success_threshold": threshold,
                "success_registered_at": registered,
                "registered_before_send": before,
                "has_holdout": name in held_out,
                "is_inferred": not campaign["is_listed"],
            }
        )
    table = pd.DataFrame(rows)
    for column in ("first_sent_at", "last_sent_at", "success_registered_at"):
        table[column] = instants(table[column])
    return table.assign(
        sent_date=dates(table.sent_date), last_sent_date=dates(table.last_sent_date)
    )


# ---- audiences


def entries(facts: Facts) -> list[dict[str, Any]]:
    """Entries of audiences, listed or known by their events alone, staff included."""
    return facts.keep("entries", lambda: _entries(facts))


def _entries(facts: Facts) -> list[dict[str, Any]]:
    found, happened, on_list = [], messages(facts), set()
    for row in contacts(facts):
        address, card = row["subscriber_id_hash"], row["member_id_hash"]
        done = happened.get((row["campaign_id"], address), {}) if address else {}
        on_list.add((row["campaign_id"], address))
        key = facts.customer_of.get(("email", address)) or facts.customer_of.get(("pos", card))
        sent = row["sent"]
        if sent is not None and facts.local_day(sent) > facts.as_of:
            sent = None
        is_holdout = bool(row["is_holdout"])
        variant = None if row["variant"] == "all" else row["variant"]
        found.append(
            {
                "campaign_id": row["campaign_id"],
                "address": address,
                "card": card,
                "customer_key": key,
                "person": key or address or card,
                "variant": variant,
                "is_holdout": is_holdout,
                "sent": sent,
                "done": done,
                "outcome": mail._outcome(done, sent is not None and not is_holdout),
            }
        )
    for (name, address), done in happened.items():
        if (name, address) not in on_list:
            key = facts.customer_of.get(("email", address))
            found.append(
                {
                    "campaign_id": name,
                    "address": address,
                    "card": None,
                    "customer_key": key,
                    "person": key or address,
                    "variant": None,
                    "is_holdout": False,
                    "sent": None,
                    "done": done,
                    "outcome": mail._outcome(done, False),
                }
            )
    return [entry for entry in found if entry["campaign_id"] in begun(facts)]


def audience(facts: Facts) -> pd.DataFrame:
    """fct_campaign_contact: a row an entry."""
    of_address = defaultdict(list)
    for (name, address), done in messages(facts).items():
        of_address[address, begun(facts)[name]["channel"]].append(done)
    records = {row["address"]: row for row in mail.subscriptions(facts).to_dict("records")}
    rows = []
    for entry in entries(facts):
        if entry["customer_key"] in facts.internal:
            continue
        campaign, done = begun(facts)[entry["campaign_id"]], entry["done"]
        arrived = [done[k] for k in ("delivered", "bounce_hard", "bounce_soft") if k in done]
        reached, sent, reason = entry["outcome"] in REACHED, entry["sent"], None
        if not reached:
            reason = "held_out" if entry["is_holdout"] else None
            due = next(s for s in (done.get("dropped"), sent, campaign["first"]) if s is not None)
            earlier = of_address[entry["address"], campaign["channel"]]
            record = records.get(entry["address"], {})
            reason = reason or _blocked(due, earlier, record, campaign["channel"])
            reason = reason or ("dropped" if entry["outcome"] == "dropped" else "not_sent_yet")
        at = {
            "delivered_at": done.get("delivered"),
            "opened_at": done.get("human"),
            "machine_opened_at": done.get("machine"),
            "clicked_at": done.get("click"),
            "unsubscribed_at": done.get("unsubscribe"),
            "complained_at": done.get("complaint"),
            "audience_at": campaign["first"] if sent is None else sent,
            "sent_at": None,
        }
        if reached:
            at["sent_at"] = sent if sent is not None else min(arrived, default=None)
        key = (entry["campaign_id"], entry["address"] or "", entry["card"] or "")
        rows.append(
            {
                "contact_key": opaque("e", *key),
                "campaign_id": entry["campaign_id"],
                "customer_key": entry["customer_key"],
                "channel": campaign["channel"],
                "variant": entry["variant"],
                "is_holdout": entry["is_holdout"],
                "outcome": entry["outcome"],
                "suppressed_reason": reason,
                **at,
            }
        )
    table = pd.DataFrame(rows)
    for column in [name for name in table.columns if name.endswith("_at")]:
        table[column] = instants(table[column])
    return table


def _blocked(
    due: float, earlier: list[dict[str, float]], record: dict[str, Any], channel: str
) -> str | None:
    """Why an address could not be written to at an instant, as was known then."""

    def before(kind: str) -> list[float]:
        return [done[kind] for done in earlier if kind in done and done[kind] < due]

    def undone(kind: str, by: str) -> bool:
        cleared = here(record.get(by))
        if cleared is not None and cleared > due:
            cleared = None
        return bool(before(kind)) and not (cleared is not None and cleared > max(before(kind)))

    status = None
    if channel == "email" and record and record["updated"] <= due:
        status = record["status"]
    delivered = max(before("delivered"), default=float("-inf"))
    soft = sum(second > delivered for second in before("bounce_soft"))
    if status == "complained" or undone("complaint", "consented"):
        return "complained"
    if status == "unsubscribed" or undone("unsubscribe", "consented"):
        return "unsubscribed"
    if status == "bounced" or undone("bounce_hard", "verified") or soft >= SOFT_LIMIT:
        return "bounced"
    return None


# ---- attribution


def attribution(facts: Facts) -> pd.DataFrame:
    """campaign_attribution: a row an order with a coupon or a touch before it."""
    started = begun(facts)
    touches: dict[str, list[dict[str, Any]]] = defaultdict(list)
    hours = windows(facts)
    for event in mail.events(facts).itertuples(index=False):
        if (
            (event.channel, event.event_type) in TOUCHES
            and not event.is_machine
            and here(event.campaign_id) is not None
            and here(event.customer_key) is not None
        ):
            touches[event.customer_key].append(
                {
                    "campaign_id": event.campaign_id,
                    "kind": event.event_type,
                    "second": event.second,
                    "hours": hours[event.channel],
                    "by": event.address,
                }
            )
    for record in event_records(facts):
        if record["action"] == "attended" and record["customer_key"]:
            touches[record["customer_key"]].append(
                {
                    "campaign_id": record["campaign_id"],
                    "kind": "attendance",
                    "second": record["second"],
                    "hours": hours["event"],
                    "by": record["subscriber_id_hash"] or record["member_id_hash"],
                }
            )
    used = defaultdict(list)
    for row in redemptions(facts):
        if row["receipt_id"] is not None and row["campaign_id"] is not None:
            used[row["receipt_id"]].append(row)
    of_person = defaultdict(list)
    for entry in entries(facts):
        of_person[entry["campaign_id"], entry["customer_key"]].append(entry)
    first = set(facts.first_orders.receipt_id)
    rows = []
    for order in facts.receipts[facts.receipts.is_qualifying].to_dict("records"):
        key, closed = here(order["customer_key"]), order["closed"]
        touch = _touch(used[order["receipt_id"]], touches[key] if key else [], closed, started)
        if touch is None:
            continue
        entry = _entry(of_person[touch["campaign_id"], key] if key else [], touch["by"])
        is_coupon = touch["kind"] == "coupon"
        again = "new" if order["receipt_id"] in first else "repeat"
        rows.append(
            {
                "receipt_id": order["receipt_id"],
                "customer_key": key,
                "campaign_id": touch["campaign_id"],
                "variant": entry["variant"] if entry else None,
                "is_holdout": entry["is_holdout"] if entry else None,
                "channel": started[touch["campaign_id"]]["channel"],
                "touch_type": touch["kind"],
                "touched_at": touch["second"],
                "ordered_at": closed,
                "touch_date": order["day"] if is_coupon else facts.local_day(touch["second"]),
                "business_date": order["day"],
                "hours_to_order": None if is_coupon else _hours(touch["second"], closed),
                "window_hours": touch["hours"],
                "attribution_clock": "interaction",
                "store_id": order["store_id"],
                "net_sales_order_dated": order["net_sales_order_dated"] / 100,
                "new_or_repeat": again if key else "unidentified",
            }
        )
    table = pd.DataFrame(rows)
    for column in ("touched_at", "ordered_at"):
        table[column] = instants(table[column])
    return table.assign(
        touch_date=dates(table.touch_date), business_date=dates(table.business_date)
    )


def _hours(start: float, end: float) -> float:
    return round(int(end - start) / HOUR, 4)


def _touch(
    coupons: list[dict], touches: list[dict], closed: float, started: dict[str, dict]
) -> dict[str, Any] | None:
    """The coupon with the greatest discount, else the last touch."""
    if coupons:
        best = min(
            coupons,
            key=lambda c: (
                -(c["discount"] if c["discount"] is not None else float("-inf")),
                -c["redeemed"],
                c["redemption_id"],
            ),
        )
        return {
            "campaign_id": best["campaign_id"],
            "kind": "coupon",
            "second": best["redeemed"],
            "hours": None,
            "by": best["member_id_hash"],
        }
    eligible = [t for t in touches if 0 <= closed - t["second"] <= t["hours"] * HOUR]
    return min(
        eligible,
        key=lambda t: (
            -t["second"],
            RANK[t["kind"]],
            -started[t["campaign_id"]]["first"],
            t["campaign_id"],
            t["by"],
        ),
        default=None,
    )


def _entry(found: list[dict[str, Any]], by: str | None) -> dict[str, Any] | None:
    """The entry that was touched, else one of the same person who was sent to."""
    return min(
        found,
        key=lambda e: (
            not (by is not None and by == (e["address"] or e["card"])),
            e["is_holdout"],
            e["variant"] is None,
            e["variant"] or "",
        ),
        default=None,
    )


# ---- orders


def orders_by_id(facts: Facts) -> dict[str, dict[str, Any]]:
    return facts.keep(
        "orders_by_id",
        lambda: (
            facts.receipts[facts.receipts.is_qualifying].set_index("receipt_id").to_dict("index")
        ),
    )


def orders_in_time(facts: Facts) -> dict[str, tuple[list[float], list[str]]]:
    def make() -> dict[str, tuple[list[float], list[str]]]:
        found: dict[str, tuple[list[float], list[str]]] = defaultdict(lambda: ([], []))
        orders = facts.orders.sort_values(["closed", "receipt_id"])
        for key, closed, receipt in orders[["customer_key", "closed", "receipt_id"]].itertuples(
            index=False
        ):
            found[key][0].append(closed)
            found[key][1].append(receipt)
        return dict(found)

    return facts.keep("orders_in_time", make)
