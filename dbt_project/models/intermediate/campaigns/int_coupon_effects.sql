with

coupons as (
    select * from {{ ref('int_coupon_counts') }}
    where
        coupon_name = 'all'
        and campaign_id is not null
        and first_issued_at is not null
        and last_expires_at < {{ as_of_end() }}
),

recipients as (
    select * from {{ ref('int_campaign_recipients') }}
    where customer_key is not null
),

customers as (
    select * from {{ ref('int_customers') }}
),

margins as (
    select * from {{ ref('int_order_margins') }}
),

-- Everybody whom chance put into an arm counts in it, whether or not a coupon or a message reached
-- them: those whom one reached are others than those held out. Who is in both arms is in neither.
list_people as (
    select
        recipients.campaign_id,
        recipients.customer_key,
        bool_or(recipients.is_holdout) as is_holdout
    from recipients
    inner join coupons on recipients.campaign_id = coupons.campaign_id
    left join customers on recipients.customer_key = customers.customer_key
    where not coalesce(customers.is_internal, false)
    group by recipients.campaign_id, recipients.customer_key
    having bool_or(recipients.is_holdout) = bool_and(recipients.is_holdout)
),

orders_in_windows as (
    select
        coupons.campaign_id,
        margins.customer_key,
        sum(margins.margin) as margin,
        sum(margins.covered_amount) as covered_amount
    from margins
    inner join coupons
        on
            margins.closed_at >= coupons.first_issued_at
            and margins.closed_at <= coupons.last_expires_at
    where margins.customer_key is not null
    group by coupons.campaign_id, margins.customer_key
),

measure_people as (
    select
        people.campaign_id,
        people.is_holdout,
        cast(coalesce(orders.margin, 0) as decimal(18, 2)) as margin,
        -- Whole units: squares of hundredths would leave less room.
        cast(round(coalesce(orders.margin, 0)) as decimal(18, 0)) as units,
        coalesce(orders.covered_amount, 0) as covered_amount
    from list_people as people
    left join orders_in_windows as orders
        on
            people.campaign_id = orders.campaign_id
            and people.customer_key = orders.customer_key
),

sum_arms as (
    select
        campaign_id,
        {%- for arm, condition in {'treated': 'not is_holdout', 'held_out': 'is_holdout'}.items() %}
        count(*) filter (where {{ condition }}) as {{ arm }},
        sum(margin) filter (where {{ condition }}) as margin_{{ arm }},
        sum(units) filter (where {{ condition }}) as units_{{ arm }},
        sum(units * units) filter (where {{ condition }}) as squares_{{ arm }},
        {%- endfor %}
        sum(covered_amount) as covered_amount
    from measure_people
    group by campaign_id
),

final as (
    select
        campaign_id,
        treated,
        held_out,
        margin_treated,
        margin_held_out,
        covered_amount,
        cast(margin_treated as double) / treated - cast(margin_held_out as double) / held_out
            as difference,
        sqrt(
            {{ squared_error('treated', 'units_treated', 'squares_treated') }}
            + {{ squared_error('held_out', 'units_held_out', 'squares_held_out') }}
        ) as standard_error
    from sum_arms
)

select * from final
