with

-- Shops that the master does not know have no channel: customer_360 and the KPI leave them out too.
stores as (
    select * from {{ ref('dim_store') }}
    where channel is not null
),

orders as (
    select
        receipts.customer_key,
        receipts.business_date,
        receipts.net_sales_order_dated,
        receipts.new_or_repeat,
        stores.channel
    from {{ ref('fct_sales_receipt') }} as receipts
    left join stores on receipts.store_id = stores.store_id
    where receipts.is_qualifying
),

recent_orders as (
    select * from orders
    where channel is not null and {{ in_window('business_date', 365) }}
),

sum_channels as (
    select
        customer_key,
        channel,
        count(*) as orders,
        sum(net_sales_order_dated) as net_sales
    from recent_orders
    where customer_key is not null
    group by customer_key, channel
),

find_origins as (
    select
        customer_key,
        coalesce(channel, 'unknown') as origin_channel
    from orders
    where new_or_repeat = 'new'
),

find_channel_sets as (
    select
        customer_key,
        count(*) >= 2 as is_omni,
        concat_ws(
            ',',
            {%- for channel in ['app', 'ec', 'store'] %}
            max(case when channel = '{{ channel }}' then '{{ channel }}' end)
            {{- ',' if not loop.last }}
            {%- endfor %}
        ) as channel_set
    from sum_channels
    group by customer_key
),

-- A row a customer and channel, and one with the sum of all channels.
list_purchases as (
    select
        customer_key,
        channel as purchase_channel,
        orders,
        net_sales
    from sum_channels
    union all
    select
        customer_key,
        'all',
        sum(orders),
        sum(net_sales)
    from sum_channels
    group by customer_key
),

describe_purchases as (
    select
        list_purchases.*,
        find_origins.origin_channel,
        find_channel_sets.channel_set,
        find_channel_sets.is_omni
    from list_purchases
    inner join find_origins on list_purchases.customer_key = find_origins.customer_key
    inner join find_channel_sets on list_purchases.customer_key = find_channel_sets.customer_key
),

list_segments as (
    select *, 'all' as segment_type, 'all' as segment from describe_purchases
    union all
    select *, 'origin_channel', origin_channel from describe_purchases
    union all
    select *, 'channel_set', channel_set from describe_purchases
),

sum_segments as (
    select
        segment_type,
        segment,
        purchase_channel,
        count(*) as customers,
        count(*) filter (where is_omni) as omni_customers,
        count(*) filter (where not is_omni) as single_channel_customers,
        sum(orders) as orders,
        sum(net_sales) as net_sales,
        coalesce(sum(net_sales) filter (where is_omni), 0) as omni_net_sales,
        coalesce(sum(net_sales) filter (where not is_omni), 0) as single_channel_net_sales
    from list_segments
    group by segment_type, segment, purchase_channel
),

count_all_orders as (
    select channel as purchase_channel, count(*) as all_orders from recent_orders group by channel
    union all
    select 'all', count(*) from recent_orders
),

final as (
    select
        sums.segment_type,
        sums.segment,
        sums.purchase_channel,
        cast(sums.customers as bigint) as customers,
        cast(sums.omni_customers as bigint) as omni_customers,
        {{ ratio('sums.omni_customers', 'sums.customers') }} as omni_share,
        cast(sums.orders as bigint) as orders,
        cast(sums.net_sales as decimal(18, 2)) as net_sales,
        {{ ratio('sums.net_sales', 'sums.orders') }} as aov,
        cast(wholes.net_sales as decimal(18, 2)) as segment_net_sales,
        {{ ratio('sums.net_sales', 'wholes.net_sales') }} as sales_share,
        cast(sums.single_channel_customers as bigint) as single_channel_customers,
        cast(sums.omni_net_sales as decimal(18, 2)) as omni_net_sales,
        cast(sums.single_channel_net_sales as decimal(18, 2)) as single_channel_net_sales,
        {{ ratio('sums.omni_net_sales', 'sums.omni_customers') }} as net_sales_per_omni_customer,
        {{ ratio('sums.single_channel_net_sales', 'sums.single_channel_customers') }}
            as net_sales_per_single_channel_customer,
        case when sums.segment_type = 'all' then cast(count_all_orders.all_orders as bigint) end
            as all_orders,
        case
            when sums.segment_type = 'all'
                then {{ ratio('sums.orders', 'count_all_orders.all_orders') }}
        end as identified_order_rate
    from sum_segments as sums
    inner join sum_segments as wholes
        on
            sums.segment_type = wholes.segment_type
            and sums.segment = wholes.segment
            and wholes.purchase_channel = 'all'
    inner join count_all_orders on sums.purchase_channel = count_all_orders.purchase_channel
)

select * from final
