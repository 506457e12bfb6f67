with

promotion_lists as (
    select * from {{ ref('int_promotion_lists') }}
),

recipe_candidates as (
    select * from {{ ref('int_promotion_candidates') }}
),

segment_members as (
    select * from {{ ref('segment_membership') }}
    where is_current
),

contactability as (
    select * from {{ ref('int_customer_contactability') }}
),

messages as (
    select * from {{ ref('int_customer_messages') }}
),

open_complaints as (
    select distinct customer_key from {{ ref('int_tickets') }}
    where
        ticket_type = 'complaint'
        and not is_solved
        and not is_merged
        and {{ in_window('created_date', 14) }}
),

-- Addresses that stopped working, or whose owner spoke up, before the mail tool's status says so.
suppressed as (
    select * from {{ ref('email_engagement') }}
    where is_suppressed and email_status in ('subscribed', 'none')
),

values_of_customers as (
    select * from {{ ref('customer_ltv') }}
),

candidates as (
    select
        list_id,
        customer_key
    from recipe_candidates
    union all
    select
        promotion_lists.list_id,
        segment_members.customer_key
    from promotion_lists
    inner join segment_members on promotion_lists.segment_id = segment_members.segment_id
),

find_frequent as (
    select
        promotion_lists.list_id,
        messages.customer_key
    from promotion_lists
    inner join messages
        on messages.sent_date > {{ add_days(as_of_date(), '-promotion_lists.contact_days') }}
    group by promotion_lists.list_id, messages.customer_key, promotion_lists.max_contacts
    having count(*) >= promotion_lists.max_contacts
),

-- In the order of precedence.
find_reasons as (
    select
        promotion_lists.*,
        candidates.customer_key,
        nullif(
            concat_ws(
                ',',
                case promotion_lists.channel
                    when 'email' then contactability.email_obstacles
                    when 'line' then contactability.line_obstacles
                    when 'dm' then contactability.dm_obstacles
                end,
                case
                    when promotion_lists.channel = 'email' and suppressed.customer_key is not null
                        then 'suppressed'
                end,
                case when open_complaints.customer_key is not null then 'open_complaint' end,
                case when find_frequent.customer_key is not null then 'frequency_cap' end
            ),
            ''
        ) as exclusion_reasons
    from candidates
    inner join promotion_lists on candidates.list_id = promotion_lists.list_id
    inner join contactability on candidates.customer_key = contactability.customer_key
    left join suppressed on candidates.customer_key = suppressed.customer_key
    left join open_complaints on candidates.customer_key = open_complaints.customer_key
    left join find_frequent
        on
            candidates.list_id = find_frequent.list_id
            and candidates.customer_key = find_frequent.customer_key
),

final as (
    select
        find_reasons.list_id,
        find_reasons.customer_key,
        find_reasons.list_name,
        find_reasons.recipe,
        find_reasons.segment_id,
        find_reasons.channel,
        find_reasons.recipe_hash,
        find_reasons.exclusion_reasons is null as is_included,
        split_part(find_reasons.exclusion_reasons, ',', 1) as exclusion_reason,
        find_reasons.exclusion_reasons,
        case
            when find_reasons.exclusion_reasons is null
                then row_number() over (
                    partition by
                        find_reasons.list_id, find_reasons.exclusion_reasons is null
                    order by
                        values_of_customers.ltv_predicted_365d desc nulls last,
                        values_of_customers.ltv_historic desc nulls last,
                        find_reasons.customer_key asc nulls last
                )
        end as list_rank,
        values_of_customers.ltv_predicted_365d,
        values_of_customers.churn_risk_band,
        values_of_customers.ltv_historic
    from find_reasons
    left join values_of_customers
        on find_reasons.customer_key = values_of_customers.customer_key
)

select * from final
