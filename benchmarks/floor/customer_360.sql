-- The core of customer 360, after rfm.sql: purchases, favourites, mails and tickets a customer.
create or replace temp table hand_customer_360 as
with people as (
    select source_system, source_id, customer_key from intermediate.int_customer_identity
),

receipts as (
    select
        receipt_id,
        people.customer_key,
        store_id,
        receipt_type,
        total_inc_tax,
        tax_total,
        discount_total,
        cast(closed_at + interval 9 hour as date) as business_date
    from (
        select *
        from raw_pos.receipts
        qualify row_number() over (partition by receipt_id order by updated_at desc) = 1
    ) as newest
    inner join people on newest.member_id_hash = people.source_id and source_system = 'pos'
    where receipt_type in ('sale', 'return') and business_date <= date '{as_of}'
),

purchases as (
    select
        customer_key,
        min(business_date) filter (where receipt_type = 'sale') as first_purchase_date,
        max(business_date) filter (where receipt_type = 'sale') as last_purchase_date,
        count(*) filter (where receipt_type = 'sale') as orders_lifetime,
        count(*) filter (
            where receipt_type = 'sale' and business_date > date '{as_of}' - 365
        ) as orders_365d,
        count(*) filter (
            where receipt_type = 'sale' and business_date > date '{as_of}' - 90
        ) as orders_90d,
        count(distinct business_date) as purchase_days_lifetime,
        sum(total_inc_tax - tax_total) as net_sales_lifetime,
        sum(total_inc_tax - tax_total) filter (
            where business_date > date '{as_of}' - 365
        ) as net_sales_365d,
        -sum(total_inc_tax - tax_total) filter (
            where receipt_type = 'return'
        ) as returns_amount_lifetime,
        sum(discount_total) as discount_amount_lifetime
    from receipts
    group by customer_key
),

favourites as (
    select
        receipts.customer_key,
        arg_max(category_1, (sales, category_1)) as top_category_1
    from (
        select receipts.customer_key, products.category_1, sum(lines.line_amount) as sales
        from raw_pos.receipt_lines as lines
        inner join receipts using (receipt_id)
        inner join (
            select product_id, category_1
            from raw_pos.products
            qualify row_number() over (partition by product_id order by _file desc) = 1
        ) as products using (product_id)
        where lines.line_type = 'sale'
        group by all
    ) as receipts
    group by receipts.customer_key
),

channels as (
    select customer_key, string_agg(distinct channel, ', ' order by channel) as channels_365d
    from receipts
    inner join (select distinct store_id, channel from raw_pos.stores) as stores using (store_id)
    where business_date > date '{as_of}' - 365
    group by customer_key
),

mails as (
    select
        people.customer_key,
        count(*) filter (where event_type = 'open' and not coalesce(is_machine, false))
            as human_opens_90d,
        count(*) filter (where event_type = 'click' and not coalesce(is_machine, false))
            as clicks_90d,
        max(occurred_at) filter (where event_type = 'click') as last_click_at
    from raw_email.events as events
    inner join people
        on events.subscriber_id_hash = people.source_id and source_system = 'email'
    where occurred_at > timestamp '{as_of}' - interval 89 day
    group by people.customer_key
),

tickets as (
    select
        people.customer_key,
        count(*) as tickets_365d,
        count(*) filter (where status in ('new', 'open', 'pending', 'hold')) as open_tickets,
        max(created_at) as last_contact_at
    from (
        select *
        from raw_support.tickets
        qualify row_number() over (partition by ticket_id order by updated_at desc) = 1
    ) as newest
    inner join people
        on newest.requester_id_hash = people.source_id and source_system = 'support'
    where created_at > timestamp '{as_of}' - interval 364 day
    group by people.customer_key
)

select customers.customer_key, purchases.* exclude (customer_key), rfm.* exclude (customer_key),
    top_category_1, channels_365d, mails.* exclude (customer_key), tickets.* exclude (customer_key)
from (select distinct customer_key from people) as customers
left join purchases using (customer_key)
left join (from hand_rfm where rfm_window = 'lifetime') as rfm using (customer_key)
left join favourites using (customer_key)
left join channels using (customer_key)
left join mails using (customer_key)
left join tickets using (customer_key)
