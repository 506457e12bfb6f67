{{ config(
    materialized='kept', prints='int_journey_prints', touched='int_touched_customers',
    kept_by='customer_key'
) }}

{#- Kind of touch, relation, what names the row, which rows, and what the columns are called. -#}
{%- set message = {'channel': 'channel', 'campaign_id': 'campaign_id'} -%}
{%- set message_id = 'message_id, subscriber_id_hash' -%}
{%- set ticket = {
    'channel': 'channel', 'store_id': 'store_id', 'receipt_id': 'related_receipt_id',
    'ticket_id': 'ticket_id',
} -%}
{%- set member = {'channel': 'channel', 'store_id': 'store_id'} -%}
{%- set line = {
    'occurred_at': 'occurred_at', 'business_date': 'occurred_date', 'channel': "'line'",
} -%}
{%- set receipt = {
    'occurred_at': 'closed_at', 'business_date': 'business_date', 'channel': 'channel',
    'store_id': 'store_id', 'receipt_id': 'receipt_id',
} -%}
{%- set attendance = {
    'occurred_at': 'occurred_at', 'channel': "'event'", 'campaign_id': 'campaign_id',
    'store_id': 'store_id',
} -%}
{%- set kinds = [
    ('message_delivered', 'messages', message_id, 'true',
     dict(message, occurred_at='delivered_at')),
    ('message_opened', 'messages', message_id, "channel = 'email'",
     dict(message, occurred_at='first_human_open_at')),
    ('message_clicked', 'messages', message_id, 'true',
     dict(message, occurred_at='first_click_at')),
    ('unsubscribed', 'messages', message_id, 'true',
     dict(message, occurred_at='unsubscribed_at')),
    ('spam_reported', 'messages', message_id, 'true',
     dict(message, occurred_at='complained_at')),
    ('message_delivered', 'contacts', 'contact_key', "channel in ('dm', 'event')",
     dict(message, occurred_at='sent_at')),
    ('joined', 'memberships', 'member_id_hash', 'true',
     dict(member, occurred_at='joined_at', business_date='joined_date')),
    ('left', 'memberships', 'member_id_hash', 'true',
     dict(member, occurred_at='left_at', business_date='left_date')),
    ('referral', 'referrals', 'brought_key', 'true',
     dict(member, occurred_at='joined_at', business_date='joined_date')),
    ('line_followed', 'line_actions', 'link_id', "action = 'follow'", line),
    ('line_blocked', 'line_actions', 'link_id', "action = 'block'", line),
    ('coupon_issued', 'coupons', 'coupon_code, person_id', 'true',
     {'occurred_at': 'issued_at', 'channel': "'coupon'", 'campaign_id': 'campaign_id'}),
    ('coupon_redeemed', 'redemptions', 'redemption_id', 'true',
     dict(receipt, occurred_at='redeemed_at', business_date='redeemed_date',
          channel="'coupon'", campaign_id='campaign_id')),
    ('sample_received', 'trials', 'receipt_id, product_id', "trial_kind = 'sample'", receipt),
    ('trial_started', 'trials', 'receipt_id, product_id', "trial_kind <> 'sample'", receipt),
    ('purchase', 'receipts', 'receipt_id', "receipt_type = 'sale'",
     dict(receipt, amount='net_sales_refund_dated')),
    ('return', 'receipts', 'receipt_id', "receipt_type = 'return'",
     dict(receipt, amount='net_sales_refund_dated')),
    ('ticket_opened', 'tickets', 'ticket_id', 'true', dict(
        ticket, occurred_at='created_at', business_date='created_date',
        sentiment="case ticket_type when 'complaint' then -1 when 'praise' then 1 end"
    )),
    ('ticket_solved', 'tickets', 'ticket_id', 'is_solved and not is_merged',
     dict(ticket, occurred_at='last_solved_at', business_date='solved_date')),
    ('rated', 'ratings', 'rating_id', 'true', dict(
        ticket, occurred_at='rated_at', business_date='rated_date',
        sentiment='case when is_good then 1 else -1 end'
    )),
    ('survey_answered', 'answers', 'response_id', 'true', {
        'occurred_at': 'responded_at', 'business_date': 'responded_date', 'channel': "'survey'",
        'sentiment': 'case when nps_score >= 9 then 1 when nps_score <= 6 then -1 '
        'when nps_score is not null then 0 end',
    }),
    ('event_registered', 'attendances', 'attendance_id', "action = 'registered'", attendance),
    ('event_attended', 'attendances', 'attendance_id', "action = 'attended'", attendance),
] -%}

with

{% for name, model in {
    'messages': 'int_email_messages',
    'contacts': 'fct_campaign_contact',
    'memberships': 'int_member_touches',
    'line_actions': 'int_line_touches',
    'coupons': 'int_coupons_issued',
    'trial_receipts': 'int_trial_receipts',
    'attendances': 'int_event_attendances',
    'survey_responses': 'int_survey_responses',
}.items() -%}
{{ name }} as (
    select * from {{ ref(model) }}
    where customer_key is not null and {{ is_touched_customer() }}
),

{% endfor -%}
stores as (
    select * from {{ ref('dim_store') }}
),

customers as (
    select * from {{ ref('dim_customer') }}
    where not is_internal
),

receipts as (
    select
        receipts.*,
        stores.channel
    from {{ ref('fct_sales_receipt') }} as receipts
    left join stores on receipts.store_id = stores.store_id
    where receipts.customer_key is not null and {{ is_touched_customer('receipts.customer_key') }}
),

-- The receipt may be another customer's than whose coupon it was.
redemptions as (
    select
        redemptions.*,
        receipts.store_id
    from {{ ref('int_coupon_redemptions') }} as redemptions
    left join {{ ref('fct_sales_receipt') }} as receipts
        on
            redemptions.receipt_id = receipts.receipt_id
            and receipts.customer_key is not null
    where
        redemptions.customer_key is not null
        and {{ is_touched_customer('redemptions.customer_key') }}
),

-- The way by which somebody came is where they made their home.
referrals as (
    select
        referrals.referrer_key as customer_key,
        referrals.customer_key as brought_key,
        referrals.joined_at,
        referrals.joined_date,
        customers.home_store_id as store_id,
        stores.channel
    from {{ ref('int_member_referrals') }} as referrals
    inner join customers on referrals.customer_key = customers.customer_key
    left join stores on customers.home_store_id = stores.store_id
    where {{ is_touched_customer('referrals.referrer_key') }}
),

trials as (
    select
        trial_receipts.*,
        receipts.store_id,
        receipts.channel
    from trial_receipts
    inner join receipts on trial_receipts.receipt_id = receipts.receipt_id
),

tickets as (
    select * from {{ ref('support_ticket') }}
    where customer_key is not null and {{ is_touched_customer() }}
),

ratings as (
    select
        ratings.*,
        tickets.channel,
        tickets.store_id,
        tickets.related_receipt_id
    from {{ ref('int_ticket_ratings') }} as ratings
    inner join tickets on ratings.ticket_id = tickets.ticket_id
),

-- A questionnaire is one touch, however many of its questions were answered.
answers as (
    select
        customer_key,
        min(response_id) as response_id,
        responded_at,
        responded_date,
        min(case when question_code = '{{ var("nps_question_code") }}' then score end) as nps_score
    from survey_responses
    group by survey_id, wave, customer_key, responded_at, responded_date
),

list_touches as (
    {%- for kind, relation, source_id, condition, columns in kinds %}
    {{ touchpoints(kind, relation, source_id, condition, columns) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select list_touches.*
    from list_touches
    inner join customers on list_touches.customer_key = customers.customer_key
)

select * from final
