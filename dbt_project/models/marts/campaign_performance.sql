{#- A verdict before so many days have passed would be one on the fast readers alone. -#}
{%- set verdict_days = 5 -%}

{#- Rates and what they are of; of few people, or coupons, a rate is noise. -#}
{%- set rates = {
    'delivery_rate': ('delivered', 'sent'),
    'open_rate_human': ('unique_human_open', 'delivered'),
    'open_rate_all': ('unique_human_open + unique_machine_only_open', 'delivered'),
    'machine_only_share': (
        'unique_machine_only_open', 'unique_human_open + unique_machine_only_open'
    ),
    'click_rate': ('unique_click', 'delivered'),
    'click_to_open_rate': ('unique_click', 'unique_human_open'),
    'hard_bounce_rate': ('bounced_hard', 'sent'),
    'soft_bounce_rate': ('bounced_soft', 'sent'),
    'unsub_rate': ('unsub', 'delivered'),
    'complaint_rate': ('complaint', 'delivered'),
    'conversion_rate': ('converters', 'delivered'),
    'revenue_per_recipient': ('attributed_net_sales', 'delivered'),
    'redemption_rate': ('redeemed', 'issued'),
} -%}
{%- set conditions = {
    'conversion_rate': ' and is_complete and is_traceable',
    'revenue_per_recipient': ' and is_complete and is_traceable',
    'redemption_rate': ' and is_complete',
} %}

with

campaigns as (
    select * from {{ ref('dim_campaign') }}
),

campaign_counts as (
    select * from {{ ref('int_campaign_counts') }}
),

people as (
    select * from {{ ref('int_campaign_people') }}
),

coupons as (
    select * from {{ ref('int_campaign_coupons') }}
),

attributed_orders as (
    select * from {{ ref('campaign_attribution') }}
),

attendances as (
    select * from {{ ref('int_event_attendances') }}
    where action = 'attended'
),

effects as (
    select * from {{ ref('campaign_effect') }}
    where metric = 'purchase_rate'
),

-- A campaign has a row as a whole, even when nobody lists its audience.
list_rows as (
    select
        campaign_id,
        'all' as variant,
        'all' as segment
    from campaigns
    union
    select
        campaign_id,
        variant,
        segment
    from campaign_counts
),

list_orders as (
    select
        'all' as order_variant,
        attributed_orders.*
    from attributed_orders
    union all
    select
        variant,
        attributed_orders.*
    from attributed_orders
    where variant is not null
),

-- Converters were reached. A guest who shows a coupon is an order and nobody, and stands in the
-- campaign as a whole alone, as does who is in no audience.
sum_orders as (
    select
        orders.campaign_id,
        orders.order_variant as variant,
        case when grouping(people.segment) = 1 then 'all' else people.segment end as segment,
        count(distinct case when people.outcome = 'delivered' then people.person_id end)
            as converters,
        count(*) as attributed_orders,
        sum(orders.net_sales_order_dated) as attributed_net_sales
    from list_orders as orders
    left join people
        on
            orders.campaign_id = people.campaign_id
            and orders.order_variant = people.variant
            and orders.customer_key = people.person_id
    group by grouping sets (
        (orders.campaign_id, orders.order_variant),
        (orders.campaign_id, orders.order_variant, people.segment)
    )
),

-- Letters and coupons lead to an order by a coupon on the receipt, events by their guests: of one
-- without such records nobody knows who bought.
find_traceable as (
    select campaign_id from coupons
    union
    select campaign_id from attributed_orders
    union
    select campaign_id from attendances
),

-- Late are orders after a late reaction, and coupons until the last of them has expired.
find_deadlines as (
    select
        campaigns.campaign_id,
        {{ days_between('campaigns.last_sent_date', as_of_date()) }} < {{ verdict_days }}
            as is_too_early,
        {{ days_between('campaigns.last_sent_date', as_of_date()) }}
        >= {{ verdict_days }} + case campaigns.channel
            {%- for channel in ['email', 'line', 'sms', 'event'] %}
            when '{{ channel }}'
                then {{ ((var('attribution_hours_' ~ channel) + 23) // 24) | int }}
            {%- endfor %}
            else 0
        end
        and coalesce(coupons.last_expires_at < {{ as_of_end() }}, true) as is_complete,
        campaigns.channel in ('email', 'line', 'sms') or traceable.campaign_id is not null
            as is_traceable
    from campaigns
    left join find_traceable as traceable on campaigns.campaign_id = traceable.campaign_id
    left join coupons
        on
            campaigns.campaign_id = coupons.campaign_id
            and coupons.variant = 'all'
            and coupons.segment = 'all'
),

-- What a channel does not tell is unknown, not 0: only e-mails tell of opens, and letters, coupons
-- and events of no click.
join_campaigns as (
    select
        list_rows.campaign_id,
        list_rows.variant,
        list_rows.segment,
        campaigns.campaign_name,
        campaigns.channel,
        campaigns.first_sent_at,
        campaigns.sent_date,
        find_deadlines.is_complete,
        find_deadlines.is_too_early,
        find_deadlines.is_traceable,
        {%- for column in [
            'audience', 'holdout', 'sent', 'bounced_hard', 'bounced_soft', 'dropped', 'delivered'
        ] %}
        {{ count_or_zero('campaign_counts.' ~ column) }} as {{ column }},
        {%- endfor %}
        {%- for column in ['unique_human_open', 'unique_machine_only_open'] %}
        case
            when campaigns.channel = 'email'
                then {{ count_or_zero('campaign_counts.' ~ column) }}
        end as {{ column }},
        {%- endfor %}
        {%- for column in ['unique_click', 'unsub', 'complaint'] %}
        case
            when campaigns.channel in ('email', 'line', 'sms')
                then {{ count_or_zero('campaign_counts.' ~ column) }}
        end as {{ column }},
        {%- endfor %}
        {{ count_or_zero('sum_orders.converters') }} as converters,
        {{ count_or_zero('sum_orders.attributed_orders') }} as attributed_orders,
        {{ amount_or_zero('sum_orders.attributed_net_sales') }} as attributed_net_sales,
        {{ count_or_zero('coupons.issued') }} as issued,
        {{ count_or_zero('coupons.redeemed') }} as redeemed,
        case
            when list_rows.variant = 'all' and list_rows.segment = 'all' then campaigns.cost
        end as cost,
        campaigns.success_metric,
        campaigns.success_threshold,
        campaigns.success_registered_at as registered_at,
        campaigns.registered_before_send,
        coalesce(effects.evidence_grade, 'before_after_only') as evidence_grade
    from list_rows
    inner join campaigns on list_rows.campaign_id = campaigns.campaign_id
    inner join find_deadlines on list_rows.campaign_id = find_deadlines.campaign_id
    {%- for table in ['campaign_counts', 'sum_orders', 'coupons', 'effects'] %}
    left join {{ table }}
        on
            list_rows.campaign_id = {{ table }}.campaign_id
            and list_rows.variant = {{ table }}.variant
            and list_rows.segment = {{ table }}.segment
    {%- endfor %}
),

divide_counts as (
    select
        *,
        {%- for rate, (above, below) in rates.items() %}
        {%- set least = 'min_human_openers' if rate == 'click_to_open_rate' else 'min_recipients' %}
        case
            when {{ below }} >= {{ var(least) }}{{ conditions.get(rate, '') }}
                then {{ ratio('(' ~ above ~ ')', '(' ~ below ~ ')') }}
        end as {{ rate }},
        {%- endfor %}
        {{ ratio('attributed_net_sales', 'attributed_orders') }} as aov,
        {{ ratio('cost', 'converters') }} as cost_per_conversion,
        {{ ratio('attributed_net_sales', 'cost') }} as attributed_sales_per_cost
    from join_campaigns
),

find_success_values as (
    select
        *,
        case
            {%- for column, metric in success_metrics().items() %}
            when success_metric in ('{{ metric["names"] | join("\', \'") }}') then {{ column }}
            {%- endfor %}
        end as success_value
    from divide_counts
),

judge_values as (
    select
        *,
        case
            when registered_before_send is null then 'no_rule'
            when not registered_before_send then 'not_registered_before_send'
            when success_metric not in {{ success_metric_names() }} then 'unknown_metric'
            when
                case
                    when success_metric in {{ success_metric_names('late') }} then not is_complete
                    else is_too_early
                end
                then 'too_early'
            when success_value is null then 'not_measurable'
            when success_metric in {{ success_metric_names('less') }}
                then case when success_value <= success_threshold then 'met' else 'missed' end
            when success_value >= success_threshold then 'met'
            else 'missed'
        end as verdict
    from find_success_values
),

final as (
    select
        campaign_id,
        variant,
        segment,
        campaign_name,
        channel,
        first_sent_at,
        sent_date,
        is_complete,
        audience,
        holdout,
        sent,
        bounced_hard,
        bounced_soft,
        dropped,
        delivered,
        unique_human_open,
        unique_machine_only_open,
        unique_click,
        unsub,
        complaint,
        converters,
        attributed_orders,
        attributed_net_sales,
        issued,
        redeemed,
        delivery_rate,
        open_rate_human,
        open_rate_all,
        machine_only_share,
        click_rate,
        click_to_open_rate,
        hard_bounce_rate,
        soft_bounce_rate,
        unsub_rate,
        complaint_rate,
        conversion_rate,
        aov,
        revenue_per_recipient,
        redemption_rate,
        cost,
        cost_per_conversion,
        attributed_sales_per_cost,
        evidence_grade,
        success_metric,
        success_threshold,
        registered_at,
        registered_before_send,
        success_value,
        case verdict when 'met' then true when 'missed' then false end as met_target,
        verdict
    from judge_values
)

select * from final
