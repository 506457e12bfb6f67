with

promotion_lists as (
    select * from {{ ref('int_promotion_lists') }}
),

states as (
    select * from {{ ref('int_customer_states') }}
),

email_statuses as (
    select * from {{ ref('int_customer_email_status') }}
    where email_status = 'subscribed'
),

complaints as (
    select * from {{ ref('int_tickets') }}
    where ticket_type = 'complaint' and customer_key is not null
),

receipts as (
    select * from {{ ref('int_sales_receipts') }}
    where customer_key is not null and receipt_type = 'sale'
),

samples as (
    select * from {{ ref('int_trial_receipts') }}
    where trial_kind = 'sample' and customer_key is not null
),

find_last_complaints as (
    select
        customer_key,
        max(created_date) as created_date
    from complaints
    group by customer_key
),

find_last_orders as (
    select
        customer_key,
        max(closed_at) as closed_at
    from receipts
    where is_qualifying
    group by customer_key
),

-- What was bought together with the sample did not come of it.
find_first_samples as (
    select
        promotion_lists.list_id,
        samples.customer_key,
        min(samples.closed_at) as closed_at
    from promotion_lists
    inner join samples
        on
            samples.business_date
            > {{ add_days(as_of_date(), '-promotion_lists.recipe_days') }}
    where promotion_lists.recipe = 'sample_no_purchase'
    group by promotion_lists.list_id, samples.customer_key
),

final as (
    select
        promotion_lists.list_id,
        states.customer_key
    from promotion_lists
    cross join states
    left join email_statuses on states.customer_key = email_statuses.customer_key
    left join find_last_complaints on states.customer_key = find_last_complaints.customer_key
    left join find_last_orders on states.customer_key = find_last_orders.customer_key
    left join find_first_samples
        on
            promotion_lists.list_id = find_first_samples.list_id
            and states.customer_key = find_first_samples.customer_key
    where
        case promotion_lists.recipe
            when 'dormant_winback' then states.lifecycle_status = 'dormant'
            when 'sample_no_purchase'
                then coalesce(
                    find_last_orders.closed_at <= find_first_samples.closed_at,
                    find_first_samples.closed_at is not null
                )
            when 'first_time_coupon'
                then
                    states.q_orders_lifetime = 0
                    and (states.is_member or email_statuses.customer_key is not null)
            when 'loyal_no_complaint'
                then
                    states.rfm_group_lifetime in ('CHAMPIONS', 'LOYAL')
                    and coalesce(
                        find_last_complaints.created_date
                        <= {{ add_days(as_of_date(), '-promotion_lists.recipe_days') }},
                        true
                    )
        end
)

select * from final
