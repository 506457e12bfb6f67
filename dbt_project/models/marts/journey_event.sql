{{ config(
    materialized='kept', prints='int_journey_prints', touched='int_touched_customers',
    kept_by='customer_key'
) }}

with

touchpoints as (
    select * from {{ ref('fct_touchpoint') }}
    where {{ is_touched_customer() }}
),

stages as (
    select * from {{ ref('journey_stage') }}
),

-- No touch lies behind the as-of date, so that a dormancy without an end needs none.
dormancies as (
    select
        customer_key,
        from_date,
        coalesce(to_date, date '9999-12-31') as to_date
    from {{ ref('int_lifecycle_spells') }}
    where lifecycle_status in ('dormant', 'lost') and {{ is_touched_customer() }}
),

-- A message that nobody reacted to moves nobody, but the first that arrives makes known.
find_stages as (
    select
        touchpoints.*,
        case
            when dormancies.customer_key is not null then 'dormant'
            else {{ furthest_stage(journey_stages(), 'touchpoints.occurred_at >= stages.{}') }}
        end as stage
    from touchpoints
    inner join stages on touchpoints.customer_key = stages.customer_key
    left join dormancies
        on
            touchpoints.customer_key = dormancies.customer_key
            and touchpoints.business_date >= dormancies.from_date
            and touchpoints.business_date < dormancies.to_date
    where
        touchpoints.touchpoint_type not in {{ touchpoint_types_with('echo') }}
        or touchpoints.occurred_at = stages.aware_at
),

final as (
    select
        touchpoint_id,
        customer_key,
        row_number() over in_order as event_no,
        occurred_at,
        business_date,
        touchpoint_type,
        channel,
        direction,
        stage,
        {{ ratio(seconds_between('occurred_at', 'lead(occurred_at) over in_order'), '3600') }}
            as hours_to_next,
        campaign_id,
        amount,
        sentiment
    from find_stages
    window in_order as (
        partition by customer_key
        order by occurred_at asc nulls last, touchpoint_id asc nulls last
    )
)

select * from final
