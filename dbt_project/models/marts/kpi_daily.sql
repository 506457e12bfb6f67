{#-
    One entry a KPI: numerator and denominator in terms of the measures below; `of_stores` when it
    is also told of each store; `settles` when later returns can still change a past day.
-#}
{%- set kpis = [
    {'kpi': 'net_sales', 'numerator': 'net_sales', 'denominator': '1', 'of_stores': true},
    {'kpi': 'receipts', 'numerator': 'receipts', 'denominator': '1', 'of_stores': true},
    {'kpi': 'items_per_receipt', 'numerator': 'items', 'denominator': 'receipts',
     'of_stores': true},
    {'kpi': 'aov', 'numerator': 'q_net_sales', 'denominator': 'q_orders', 'of_stores': true,
     'settles': true},
    {'kpi': 'identified_sales_rate', 'numerator': 'identified_sales_before_returns',
     'denominator': 'net_sales + returns_amount', 'of_stores': true},
    {'kpi': 'identified_receipt_rate', 'numerator': 'identified_receipts',
     'denominator': 'receipts', 'of_stores': true},
    {'kpi': 'discount_rate', 'numerator': 'discount_amount',
     'denominator': 'amount_before_discount', 'of_stores': true},
    {'kpi': 'return_rate', 'numerator': 'returns_amount',
     'denominator': 'net_sales + returns_amount', 'of_stores': true},
    {'kpi': 'unlinked_return_rate', 'numerator': 'unlinked_returns_amount',
     'denominator': 'returns_amount', 'of_stores': true},
    {'kpi': 'new_customers', 'numerator': 'new_customers', 'denominator': '1',
     'of_stores': true, 'settles': true},
    {'kpi': 'returning_customer_rate', 'numerator': 'returning_buyers', 'denominator': 'buyers',
     'of_stores': true, 'settles': true},
    {'kpi': 'active_customers_90d', 'numerator': 'active_customers', 'denominator': '1',
     'settles': true},
    {'kpi': 'members', 'numerator': 'members', 'denominator': '1'},
    {'kpi': 'members_net_add', 'numerator': 'members_net_add', 'denominator': '1'},
    {'kpi': 'email_human_open_rate', 'numerator': 'human_opened', 'denominator': 'delivered'},
    {'kpi': 'email_click_rate', 'numerator': 'clicked', 'denominator': 'delivered'},
    {'kpi': 'email_hard_bounce_rate', 'numerator': 'hard_bounced', 'denominator': 'sent'},
    {'kpi': 'email_unsubscribe_rate', 'numerator': 'unsubscribed', 'denominator': 'delivered'},
    {'kpi': 'tickets', 'numerator': 'tickets', 'denominator': '1'},
    {'kpi': 'complaint_rate', 'numerator': '1000 * complaints', 'denominator': 'receipts'},
    {'kpi': 'csat', 'numerator': 'good_ratings', 'denominator': 'ratings'},
] -%}
{%- set scope_columns -%}
        business_date,
        case when grouping(store_id) = 1 then 'all' else 'store' end as scope_type,
        case when grouping(store_id) = 1 then 'all' else store_id end as scope_key,
{%- endset -%}
{%- set scopes -%}
    group by grouping sets ((business_date), (business_date, store_id))
{%- endset -%}

with

dates as (
    select * from {{ ref('dim_date') }}
),

customers as (
    select * from {{ ref('dim_customer') }}
),

receipts as (
    select * from {{ ref('fct_sales_receipt') }}
),

sales_lines as (
    select * from {{ ref('fct_sales_line') }}
),

email_events as (
    select * from {{ ref('fct_email_event') }}
),

support_tickets as (
    select * from {{ ref('fct_support_ticket') }}
),

ticket_ratings as (
    select * from {{ ref('int_ticket_ratings') }}
),

measure_receipts as (
    select
        {{ scope_columns }}
        sum(net_sales_refund_dated) as net_sales,
        count(*) filter (where receipt_type = 'sale') as receipts,
        sum(item_quantity) filter (where receipt_type = 'sale') as items,
        count(*) filter (where is_qualifying) as q_orders,
        sum(net_sales_order_dated) filter (where is_qualifying) as q_net_sales,
        count(*) filter (where receipt_type = 'sale' and customer_key is not null)
            as identified_receipts,
        sum(net_sales_refund_dated + returns_amount) filter (where customer_key is not null)
            as identified_sales_before_returns,
        sum(returns_amount) as returns_amount,
        sum(returns_amount) filter (where is_unlinked_return) as unlinked_returns_amount,
        count(*) filter (where new_or_repeat = 'new') as new_customers
    from receipts
    {{ scopes }}
),

-- Discounts and what they are a share of keep the tax as the register sent it, both alike.
measure_discounts as (
    select
        {{ scope_columns }}
        sum(line_discount_amount + receipt_discount_amount) as discount_amount,
        sum(line_amount + line_discount_amount) as amount_before_discount
    from sales_lines
    where is_revenue and not is_return
    {{ scopes }}
),

find_purchase_days as (
    select
        customer_key,
        store_id,
        business_date,
        min(business_date) over (partition by customer_key) as first_q_date
    from receipts
    where is_qualifying and customer_key is not null
),

measure_buyers as (
    select
        {{ scope_columns }}
        count(distinct customer_key) as buyers,
        count(distinct customer_key) filter (where first_q_date < business_date)
            as returning_buyers
    from find_purchase_days
    {{ scopes }}
),

-- A purchase makes its customer active for 90 days, or until the next one takes over.
list_active_spells as (
    select
        business_date as active_from,
        least(
            {{ add_days('business_date', '90') }},
            coalesce(
                lead(business_date) over (
                    partition by customer_key order by business_date asc nulls last
                ),
                {{ add_days('business_date', '90') }}
            )
        ) as inactive_from
    from (
        select distinct customer_key, business_date from find_purchase_days
    ) as purchase_days
),

list_member_spells as (
    select
        member_since,
        left_on,
        greatest(coalesce(member_since, first_dates.first_date), first_dates.first_date)
            as member_from,
        -- Engines leave NULL out of greatest(): who has not left must not leave on the first date.
        case when left_on is not null then greatest(left_on, first_dates.first_date) end
            as no_member_from
    from customers
    cross join (select min(date_key) as first_date from dates) as first_dates
    where has_pos and not is_internal
),

list_changes as (
    select active_from as business_date, 1 as active_change, 0 as member_change, 0 as net_add
    from list_active_spells
    union all
    select inactive_from, -1, 0, 0 from list_active_spells
    union all
    select member_from, 0, 1, 0 from list_member_spells
    union all
    select no_member_from, 0, -1, 0 from list_member_spells where no_member_from is not null
    union all
    select member_since, 0, 0, 1 from list_member_spells where member_since is not null
    union all
    select left_on, 0, 0, -1 from list_member_spells where left_on is not null
),

sum_changes as (
    select
        business_date,
        sum(active_change) as active_change,
        sum(member_change) as member_change,
        sum(net_add) as net_add
    from list_changes
    group by business_date
),

measure_populations as (
    select
        dates.date_key as business_date,
        sum(coalesce(sum_changes.active_change, 0)) over up_to_date as active_customers,
        sum(coalesce(sum_changes.member_change, 0)) over up_to_date as members,
        sum_changes.net_add as members_net_add
    from dates
    left join sum_changes on dates.date_key = sum_changes.business_date
    window up_to_date as (
        order by dates.date_key asc nulls last
        rows between unbounded preceding and current row
    )
),

-- A person counts once a campaign and day, however often a message was opened.
find_unique_reactions as (
    select
        event_date as business_date,
        bool_or(event_type = 'delivered') as is_delivered,
        bool_or(event_type in ('delivered', 'bounce_hard', 'bounce_soft')) as is_sent,
        bool_or(event_type = 'bounce_hard') as is_hard_bounced,
        bool_or(is_human_open) as is_human_opened,
        bool_or(event_type = 'click' and not is_machine) as is_clicked,
        bool_or(event_type = 'unsubscribe') as is_unsubscribed
    from email_events
    group by event_date, customer_key, coalesce(campaign_id, event_id)
),

measure_emails as (
    select
        business_date,
        count(*) filter (where is_delivered) as delivered,
        count(*) filter (where is_sent) as sent,
        count(*) filter (where is_hard_bounced) as hard_bounced,
        count(*) filter (where is_human_opened) as human_opened,
        count(*) filter (where is_clicked) as clicked,
        count(*) filter (where is_unsubscribed) as unsubscribed
    from find_unique_reactions
    group by business_date
),

measure_tickets as (
    select
        created_date as business_date,
        count(*) as tickets,
        count(*) filter (where ticket_type = 'complaint') as complaints
    from support_tickets
    group by created_date
),

measure_ratings as (
    select
        rated_date as business_date,
        count(*) as ratings,
        count(*) filter (where is_good) as good_ratings
    from ticket_ratings
    group by rated_date
),

-- All dates of the company as a whole; of a store the days on which it had receipts.
list_days as (
    select
        date_key as business_date,
        'all' as scope_type,
        'all' as scope_key
    from dates
    union all
    select business_date, scope_type, scope_key
    from measure_receipts
    where scope_type = 'store'
),

measure_days as (
    select
        list_days.business_date,
        list_days.scope_type,
        list_days.scope_key,
        {%- for measures, columns in {
            'measure_receipts': [
                'net_sales', 'receipts', 'items', 'q_orders', 'q_net_sales',
                'identified_receipts', 'identified_sales_before_returns', 'returns_amount',
                'unlinked_returns_amount', 'new_customers',
            ],
            'measure_discounts': ['discount_amount', 'amount_before_discount'],
            'measure_buyers': ['buyers', 'returning_buyers'],
            'measure_populations': ['active_customers', 'members', 'members_net_add'],
            'measure_emails': [
                'delivered', 'sent', 'hard_bounced', 'human_opened', 'clicked', 'unsubscribed',
            ],
            'measure_tickets': ['tickets', 'complaints'],
            'measure_ratings': ['ratings', 'good_ratings'],
        }.items() %}
        {%- set is_last = loop.last %}
        {%- for column in columns %}
        coalesce({{ measures }}.{{ column }}, 0) as {{ column }}
        {{- ',' if not (is_last and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    from list_days
    {%- for measures in ['measure_receipts', 'measure_discounts', 'measure_buyers'] %}
    left join {{ measures }}
        on
            list_days.business_date = {{ measures }}.business_date
            and list_days.scope_type = {{ measures }}.scope_type
            and list_days.scope_key = {{ measures }}.scope_key
    {%- endfor %}
    {%- for measures in [
        'measure_populations', 'measure_emails', 'measure_tickets', 'measure_ratings'
    ] %}
    left join {{ measures }}
        on
            list_days.scope_type = 'all'
            and list_days.business_date = {{ measures }}.business_date
    {%- endfor %}
),

list_kpis as (
    {%- for entry in kpis %}
    select
        '{{ entry.kpi }}' as kpi,
        business_date,
        scope_type,
        scope_key,
        cast({{ entry.numerator }} as decimal(18, 2)) as numerator,
        cast({{ entry.denominator }} as decimal(18, 2)) as denominator,
        {%- if entry.settles %}
        business_date < {{ window_start(var('refund_settle_days')) }} as is_final
        {%- else %}
        true as is_final
        {%- endif %}
    from measure_days
    {%- if not entry.of_stores %}
    where scope_type = 'all'
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        kpi,
        business_date,
        scope_type,
        scope_key,
        numerator,
        denominator,
        {{ ratio('numerator', 'denominator') }} as value,
        is_final
    from list_kpis
)

select * from final
