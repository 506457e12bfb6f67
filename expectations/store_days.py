"""A store's day that did not arrive: the other stores sold, and of this one there is nothing.

The newest day looked at is the last on which half of the stores delivered and whose cut-over has
passed. A store's day is missing when it was open by its master, not closed by plan, has neither a
receipt nor a closing of a register, and would usually have receipts: some where a closing came on
each of the same weekdays before, many where not. Of a store that hardly sells nothing is missed:
the as-of date waits for its closing all the same.
"""

from __future__ import annotations

from expectations.model import Rule, no_result

MISSING_STORE_DAYS = "missing_store_days"

_EVIDENCE = (
    "receipts as (select store_id, business_date, count(*) as amount from {table} "
    "where business_date > {now}::date - 100 and receipt_type in ('sale', 'return') "
    "group by all), "
    "closings as (select distinct store_id, business_date from staging.stg_pos__register_closings "
    "where business_date > {now}::date - 100), "
    "evidence as (select store_id, business_date, coalesce(amount, 0) as amount, "
    "closings.store_id is not null as is_closing from receipts "
    "full join closings using (store_id, business_date))"
)
_OPEN_DAYS = (
    "days as (select cast(unnest(generate_series({now}::date - 99, {now}::date, interval 1 day)) "
    "as date) as business_date), "
    "open_days as (select stores.store_id, days.business_date, "
    "coalesce(amount, 0) as amount, coalesce(is_closing, false) as is_closing "
    "from staging.stg_pos__stores as stores cross join days "
    "left join evidence using (store_id, business_date) "
    "where days.business_date >= coalesce(stores.opened_on, days.business_date) "
    "and days.business_date <= coalesce(stores.closed_on, days.business_date) "
    # The day has ended in the store: the cut-over of the next has passed at the run's instant.
    "and timezone(stores.timezone, cast(days.business_date + 1 as timestamp) "
    "+ to_hours(cast(stores.day_cutover_hour as bigint))) <= timezone('UTC', {now}) "
    "and not exists (select 1 from plans.store_closings as planned "
    "where planned.scope_key in ('all', stores.store_id) "
    "and (planned.closed_on = days.business_date "
    "or planned.day_of_week = isodow(days.business_date))))"
)
_USUAL = (
    "sellers as (select store_id, min(business_date) as first_day from evidence "
    "group by store_id), "
    "newest as (select max(business_date) as business_date from (select business_date "
    "from open_days inner join sellers using (store_id) where business_date >= first_day "
    "group by business_date "
    "having count(*) filter (where is_closing or amount > 0) >= 0.5 * count(*))), "
    "judged as (select open_days.*, count(*) over earlier as weeks, "
    "coalesce(bool_and(is_closing) over earlier, false) as always_closes, "
    "median(amount) over earlier as usual from open_days "
    "inner join sellers using (store_id) where business_date >= first_day window earlier as "
    "(partition by store_id, isodow(business_date) order by business_date "
    "rows between 8 preceding and 1 preceding))"
)


def missing_store_days() -> Rule:
    """A stop when a store's day did not arrive; a person may say that the store was closed."""
    return no_result(
        MISSING_STORE_DAYS,
        f"with {_EVIDENCE}, {_OPEN_DAYS}, {_USUAL} "
        "select judged.store_id, judged.business_date from judged cross join newest "
        "where judged.business_date <= newest.business_date "
        "and judged.business_date > newest.business_date "
        "- cast({missing_days_searched} as integer) "
        "and judged.amount = 0 and not judged.is_closing and weeks >= {min_weeks_compared} "
        "and usual >= case when always_closes then {min_usual_receipts_with_closings} "
        "else {min_usual_receipts} end",
        "A store that is open sent neither receipts nor a register closing for a day on which the "
        "others did. Ask it for that day's export. If it was closed, enter the day in the plan of "
        "store closings, or accept it.",
        row_id=("store_id", "business_date"),
        acceptable=True,
    )
