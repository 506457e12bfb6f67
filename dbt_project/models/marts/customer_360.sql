with

customers as (
    select * from {{ ref('dim_customer') }}
),

receipts as (
    select * from {{ ref('fct_sales_receipt') }}
    where customer_key is not null
),

sales_lines as (
    select * from {{ ref('fct_sales_line') }}
    where customer_key is not null and is_revenue
),

-- Every block has one row a customer before it is joined, so that no sum is counted twice.
purchases as (
    {{ customer_purchases('receipts', 'sales_lines', ref('dim_store'), ref('dim_product')) }}
),

rfm as (
    select * from {{ ref('customer_rfm') }}
    where rfm_window = 'lifetime'
),

timing as (
    select * from {{ ref('purchase_timing') }}
    where category = 'all'
),

attributed as (
    select
        customer_key,
        count(*) as attributed_orders_365d,
        sum(net_sales_order_dated) as attributed_net_sales_365d
    from {{ ref('campaign_attribution') }}
    where customer_key is not null and {{ in_window('business_date', 365) }}
    group by customer_key
),

final as (
    select
        {%- for column in [
            'customer_key', 'n_source_ids', 'n_source_systems', 'is_member', 'member_since',
            'member_tier', 'home_store_id', 'age_band', 'gender', 'prefecture'
        ] %}
        customers.{{ column }},
        {%- endfor %}

        purchases.first_purchase_date,
        purchases.last_purchase_date,
        cast({{ days_between('purchases.last_purchase_date', as_of_date()) }} as bigint)
            as days_since_last,
        {{ count_or_zero('purchases.q_orders_lifetime') }} as q_orders_lifetime,
        {{ count_or_zero('purchases.q_orders_365d') }} as q_orders_365d,
        {{ count_or_zero('purchases.q_orders_90d') }} as q_orders_90d,
        {{ purchase_freq_band('coalesce(purchases.q_orders_365d, 0)') }} as purchase_freq_band,
        {{ count_or_zero('purchases.purchase_days_lifetime') }} as purchase_days_lifetime,
        {%- for column in [
            'net_sales_lifetime', 'net_sales_order_dated_lifetime', 'net_sales_365d',
            'net_sales_90d', 'returns_amount_lifetime'
        ] %}
        {{ amount_or_zero('purchases.' ~ column) }} as {{ column }},
        {%- endfor %}
        purchases.return_rate,
        {{ amount_or_zero('purchases.q_net_sales_lifetime') }} as q_net_sales_lifetime,
        purchases.aov_lifetime,
        timing.median_gap_days,
        purchases.top_category_1,
        purchases.top_category_2,
        purchases.top_category_3,
        purchases.channels_365d,
        coalesce(purchases.is_omni, false) as is_omni,
        {%- for column in ['discount_amount_lifetime', 'amount_before_discount_lifetime'] %}
        {{ amount_or_zero('purchases.' ~ column) }} as {{ column }},
        {%- endfor %}
        purchases.discount_share,
        tastes.aov_90d,
        tastes.aov_trend,
        tastes.category_entropy,
        tastes.upsell_categories,
        tastes.next_product_1,

        {{ count_or_zero('attributed.attributed_orders_365d') }} as attributed_orders_365d,
        {{ amount_or_zero('attributed.attributed_net_sales_365d') }} as attributed_net_sales_365d,
        {{ count_or_zero('benefits.coupons_redeemed_365d') }} as coupons_redeemed_365d,
        {{ amount_or_zero('benefits.points_used_365d') }} as points_used_365d,
        {{ count_or_zero('benefits.benefits_used_365d') }} as benefits_used_365d,
        benefits.contact_after_purchase_365d,

        coalesce(email_statuses.email_status, 'none') as email_status,
        {%- for column in ['sends_90d', 'delivered_90d', 'human_opens_90d', 'clicks_90d'] %}
        {{ count_or_zero('emails.' ~ column) }} as {{ column }},
        {%- endfor %}
        emails.last_click_at,
        coalesce(emails.engagement_band, 'none') as engagement_band,

        {%- for column in ['tickets_365d', 'open_tickets', 'complaints_365d'] %}
        {{ count_or_zero('support.' ~ column) }} as {{ column }},
        {%- endfor %}
        support.last_contact_at,
        support.median_first_reply_min,
        support.csat_last,
        {{ count_or_zero('support.ratings_365d') }} as ratings_365d,
        {{ count_or_zero('support.good_ratings_365d') }} as good_ratings_365d,
        {{ ratio('support.good_ratings_365d', 'support.ratings_365d') }} as csat_365d,
        nps.nps_last,
        nps.nps_last_at,
        {{ count_or_zero('chats.chat_conversations_365d') }} as chat_conversations_365d,
        chats.last_chat_topic,

        journeys.journey_stage,
        journeys.entered_on as journey_stage_since,
        {{ count_or_zero('journeys.touchpoints_90d') }} as touchpoints_90d,
        journeys.last_touchpoint_at,
        journeys.last_touchpoint_type,
        journeys.last_touchpoint_channel,
        advocates.ambassador_tier,
        {{ count_or_zero('advocates.referred_customers') }} as referred_customers,

        lifecycle.lifecycle_status,
        lifecycle.dormant_since,
        rfm.rfm_group,
        rfm.klaviyo_group,
        ltv.ltv_historic,
        ltv.ltv_predicted_365d,
        ltv.p_alive,
        ltv.churn_risk_band,
        ltv.prediction_status,
        timing.expected_next_date as next_purchase_expected_date,
        contactability.contactable_email,
        contactability.contactable_line,
        contactability.contactable_dm
    from customers
    left join purchases on customers.customer_key = purchases.customer_key
    left join rfm on customers.customer_key = rfm.customer_key
    left join timing on customers.customer_key = timing.customer_key
    left join attributed on customers.customer_key = attributed.customer_key
    {%- for block, model in {
        'emails': 'email_engagement',
        'email_statuses': 'int_customer_email_status',
        'support': 'int_customer_support',
        'nps': 'int_customer_nps',
        'contactability': 'int_customer_contactability',
        'tastes': 'customer_tastes',
        'benefits': 'member_value',
        'chats': 'int_customer_chats',
        'journeys': 'journey_stage',
        'advocates': 'ambassador',
        'lifecycle': 'customer_lifecycle',
        'ltv': 'customer_ltv'
    }.items() %}
    left join {{ ref(model) }} as {{ block }}
        on customers.customer_key = {{ block }}.customer_key
    {%- endfor %}
)

select * from final
