{{ config(materialized='prints', key='customer_key') }}

{#- What touches are made of: relation, what is told of a row, and when its touches happened. -#}
{%- set parts = [
    ('messages', [
        'message_id', 'subscriber_id_hash', 'channel', 'campaign_id', 'delivered_at',
        'first_human_open_at', 'first_click_at', 'unsubscribed_at', 'complained_at',
    ], [], [
        'delivered_at', 'first_human_open_at', 'first_click_at', 'unsubscribed_at',
        'complained_at',
    ]),
    ('contacts', [
        'contact_key', 'channel', 'campaign_id', 'outcome', 'sent_at', 'delivered_at',
        'bounced_hard_at', 'bounced_soft_at',
    ], [], ['sent_at', 'delivered_at', 'bounced_hard_at', 'bounced_soft_at']),
    ('memberships', [
        'member_id_hash', 'channel', 'store_id', 'joined_at', 'joined_date', 'left_at', 'left_date',
    ], ['joined_date', 'left_date'], []),
    ('referrals', [
        'brought_key', 'channel', 'store_id', 'joined_at', 'joined_date',
    ], ['joined_date'], []),
    ('line_actions', [
        'link_id', 'action', 'occurred_at', 'occurred_date',
    ], ['occurred_date'], []),
    ('coupons', ['coupon_code', 'person_id', 'campaign_id', 'issued_at'], [], ['issued_at']),
    ('redemptions', [
        'redemption_id', 'receipt_id', 'store_id', 'campaign_id', 'redeemed_at', 'redeemed_date',
    ], ['redeemed_date'], []),
    ('trials', [
        'receipt_id', 'product_id', 'trial_kind', 'closed_at', 'business_date',
    ], ['business_date'], []),
    ('receipts', [
        'receipt_id', 'receipt_type', 'channel', 'store_id', 'closed_at', 'business_date',
        'net_sales_refund_dated',
    ], ['business_date'], []),
    ('tickets', [
        'ticket_id', 'channel', 'store_id', 'related_receipt_id', 'created_at', 'created_date',
        'ticket_type', 'last_solved_at', 'is_solved', 'is_merged',
    ], ['created_date'], ['last_solved_at']),
    ('ratings', [
        'rating_id', 'ticket_id', 'is_good', 'rated_at', 'rated_date',
    ], ['rated_date'], []),
    ('survey_responses', [
        'response_id', 'survey_id', 'wave', 'question_code', 'score', 'responded_at',
        'responded_date',
    ], ['responded_date'], []),
    ('attendances', [
        'attendance_id', 'action', 'campaign_id', 'store_id', 'occurred_at',
    ], [], ['occurred_at']),
] -%}

with

{% for name, model in {
    'messages': 'int_email_messages',
    'memberships': 'int_member_touches',
    'line_actions': 'int_line_touches',
    'coupons': 'int_coupons_issued',
    'trials': 'int_trial_receipts',
    'tickets': 'int_tickets',
    'ratings': 'int_ticket_ratings',
    'survey_responses': 'int_survey_responses',
    'attendances': 'int_event_attendances',
    'customers': 'int_customers',
    'stores': 'int_stores',
    'orders': 'int_order_milestones',
    'spells': 'int_lifecycle_spells',
    'thresholds': 'int_lifecycle_thresholds',
}.items() -%}
{{ name }} as (
    select * from {{ ref(model) }}
),

{% endfor -%}
contacts as (
    select
        recipients.*,
        campaigns.channel
    from {{ ref('int_campaign_recipients') }} as recipients
    inner join {{ ref('int_campaigns') }} as campaigns
        on recipients.campaign_id = campaigns.campaign_id
    where campaigns.channel in ('dm', 'event')
),

receipts as (
    select
        receipts.*,
        stores.channel
    from {{ ref('int_sales_receipts') }} as receipts
    left join stores on receipts.store_id = stores.store_id
),

redemptions as (
    select
        redemptions.*,
        receipts.store_id
    from {{ ref('int_coupon_redemptions') }} as redemptions
    left join {{ ref('int_sales_receipts') }} as receipts
        on
            redemptions.receipt_id = receipts.receipt_id
            and receipts.customer_key is not null
),

referrals as (
    select
        referrals.referrer_key as customer_key,
        referrals.customer_key as brought_key,
        referrals.joined_at,
        referrals.joined_date,
        customers.home_store_id as store_id,
        stores.channel
    from {{ ref('int_member_referrals') }} as referrals
    inner join customers
        on referrals.customer_key = customers.customer_key and not customers.is_internal
    left join stores on customers.home_store_id = stores.store_id
),

-- How many touches are of late is counted by the as-of date: one more or less of them tells.
print_touches as (
    {%- for relation, columns, dates, instants in parts %}
    select
        customer_key,
        {{ row_hash(["'" ~ relation ~ "'"] + columns) }} as print,
        {%- for date in dates %}
        {{ '+ ' if not loop.first }}case when {{ date }} >= {{ window_start(90) }} then 1 else 0 end
        {%- endfor %}
        {%- for instant in instants %}
        {{ '+ ' if dates or not loop.first -}}
        case when {{ instant }} >= {{ company_midnight(window_start(90)) }} then 1 else 0 end
        {%- endfor %}
            as recent_touches
    from {{ relation }}
    where customer_key is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

sum_touches as (
    select
        customer_key,
        bit_xor(print) as print,
        sum(recent_touches) as recent_touches
    from print_touches
    group by customer_key
),

rfm_history as (
    select
        states.*,
        states.state_date as month_end
    from {{ ref('int_rfm_states') }} as states
    inner join {{ ref('int_state_dates') }} as state_dates
        on states.state_date = state_dates.state_date and state_dates.is_month_end
),

rfm as (
    select
        states.*,
        group_changes.group_changed_on
    from {{ ref('int_rfm_states') }} as states
    left join {{ ref('int_rfm_group_changes') }} as group_changes
        on
            states.customer_key = group_changes.customer_key
            and states.rfm_window = group_changes.rfm_window
    where states.state_date = {{ as_of_date() }}
),

loyal as (
    {{ loyal_dates_by_customer('rfm_history', 'rfm') }}
),

sum_dormancies as (
    select
        customer_key,
        bit_xor({{ row_hash(['lifecycle_status', 'from_date', 'to_date']) }}) as print,
        bool_or(to_date is null) as is_dormant
    from spells
    where lifecycle_status in ('dormant', 'lost')
    group by customer_key
),

last_thresholds as (
    select * from thresholds
    where next_date is null
),

find_first_date as (
    select min(business_date) as first_date from receipts
),

final as (
    select
        customers.customer_key,
        {{ row_hash([
            'customers.is_internal', 'customers.member_since < find_first_date.first_date',
            'sum_touches.print', 'sum_touches.recent_touches',
            'orders.first_purchase_at', 'orders.first_purchase_on', 'orders.repeat_at',
            'orders.repeat_on', 'orders.dormant_at', 'orders.returned_at', 'loyal.loyal_on',
            'sum_dormancies.print', 'last_thresholds.reactivated_on',
            'case when sum_dormancies.is_dormant then last_thresholds.dormant_after end',
            'case when sum_dormancies.is_dormant then last_thresholds.business_date end'
        ]) }} as print,

        -- Filled in where the versions of two nights are compared.
        cast(0 as bigint) as began,
        cast(null as bigint) as ended
    from customers
    cross join find_first_date
    {%- for relation in [
        'sum_touches', 'orders', 'loyal', 'sum_dormancies', 'last_thresholds'
    ] %}
    left join {{ relation }} on customers.customer_key = {{ relation }}.customer_key
    {%- endfor %}
)

select * from final
