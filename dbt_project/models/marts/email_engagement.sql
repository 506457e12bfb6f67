with

addresses as (
    select * from {{ ref('int_email_addresses') }}
),

messages as (
    select * from {{ ref('int_email_messages') }}
    where channel = 'email'
),

email_statuses as (
    select * from {{ ref('int_customer_email_status') }}
),

customers as (
    select * from {{ ref('dim_customer') }}
    where not is_internal
),

-- A complaint holds for the person. Else the last word counts, whichever address it was given for;
-- an address that bounces has no word while another works.
find_speaking_addresses as (
    select
        customer_key,
        soft_bounces_in_a_row,
        suppression_reason
    from addresses
    qualify row_number() over (
        partition by customer_key
        order by
            case
                when suppression_reason = 'complaint' then 0
                when suppression_reason in ('hard_bounce', 'soft_bounces') then 2
                else 1
            end asc nulls last,
            last_word_at desc nulls last,
            subscriber_id_hash asc nulls last
    ) = 1
),

-- One person's message to two addresses is one message.
sum_messages as (
    select
        customer_key,
        {%- for name, column, days in [
            ('sends_90d', 'coalesce(delivered_at, bounced_hard_at, bounced_soft_at)', 90),
            ('delivered_30d', 'delivered_at', 30),
            ('delivered_90d', 'delivered_at', 90),
            ('delivered_365d', 'delivered_at', 365),
            ('human_opens_90d', 'human_open_at', 90),
            ('machine_opens_90d', 'machine_open_at', 90),
            ('clicks_90d', 'click_at', 90),
        ] %}
        count(distinct message_id) filter (
            where {{ in_window(company_date(column), days) }}
        ) as {{ name }},
        {%- endfor %}
        max(delivered_at) as last_delivered_at,
        max(human_open_at) as last_human_open_at,
        max(click_at) as last_click_at
    from messages
    group by customer_key
),

final as (
    select
        speaking.customer_key,
        coalesce(email_statuses.email_status, 'none') as email_status,
        {%- for name in [
            'sends_90d', 'delivered_30d', 'delivered_90d', 'delivered_365d', 'human_opens_90d',
            'machine_opens_90d', 'clicks_90d'
        ] %}
        {{ count_or_zero('sum_messages.' ~ name) }} as {{ name }},
        {%- endfor %}
        sum_messages.last_delivered_at,
        sum_messages.last_human_open_at,
        sum_messages.last_click_at,
        cast(speaking.soft_bounces_in_a_row as bigint) as soft_bounces_in_a_row,
        speaking.suppression_reason is not null as is_suppressed,
        speaking.suppression_reason,
        case
            {%- for band, days in [('engaged', 30), ('warm', 90), ('cooling', 180)] %}
            when {{ in_window(company_date('sum_messages.last_human_open_at'), days) }}
                then '{{ band }}'
            {%- endfor %}
            when coalesce(sum_messages.last_delivered_at, sum_messages.last_human_open_at)
                is not null then 'cold'
            else 'none'
        end as engagement_band
    from find_speaking_addresses as speaking
    inner join customers on speaking.customer_key = customers.customer_key
    left join sum_messages on speaking.customer_key = sum_messages.customer_key
    left join email_statuses on speaking.customer_key = email_statuses.customer_key
)

select * from final
