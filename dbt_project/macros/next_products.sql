{#
    Goods of each qualifying order of a customer that are left after all returns, as the whole body
    of a CTE: one row an order and product. `sales_lines` are merchandise and `receipts` qualifying
    orders of known customers with a customer_number, both published facts, which no intermediate
    model may read; `products` have a product_number.
#}
{% macro kept_goods(sales_lines, receipts, products) -%}
    select
        receipts.receipt_id,
        receipts.customer_number,
        receipts.business_date,
        receipts.closed_at,
        products.product_number
    from {{ sales_lines }} as sales_lines
    inner join {{ receipts }} as receipts on sales_lines.order_receipt_id = receipts.receipt_id
    inner join {{ products }} as products on sales_lines.product_id = products.product_id
    group by
        receipts.receipt_id,
        receipts.customer_number,
        receipts.business_date,
        receipts.closed_at,
        products.product_number
    having sum(sales_lines.net_sales) > 0 and sum(sales_lines.item_quantity) > 0
{%- endmacro %}


{# A product that nobody bought for so many days is out of stock: no feed tells the stock. #}
{% macro stock_days() -%}
    {{ return(28) }}
{%- endmacro %}


{# The latest products of a customer that others are looked up for, and how many for each. #}
{% macro next_evidence() -%}
    {{ return({'products': 10, 'neighbours': 10}) }}
{%- endmacro %}


{# Of the products of a customer at most so many are bought again: a list of old ones sells nothing new. #}
{% macro max_replenished() -%}
    {{ return(var('next_products') // 2) }}
{%- endmacro %}


{#
    The goods that go with what customers bought last, as the whole body of a CTE: one row a
    customer and product, owned ones included. `goods` are recent and can no longer be exchanged,
    `pairs` those to go by, the greater of two `pair_number` speaking louder.

    Each owned product speaks for a candidate with its confidence, and those that speak for the same
    one are taken together as if each were another chance: 1 − (1 − a) × (1 − b). Logarithms as whole
    numbers add up to the same in any order.
#}
{% macro goes_with(goods, pairs) -%}
    with

    latest_products as (
        select
            customer_number,
            product_number
        from (
            select
                customer_number,
                product_number,
                row_number() over (
                    partition by customer_number
                    order by max(closed_at) desc nulls last, product_number asc nulls last
                ) as recency_rank
            from {{ goods }}
            group by customer_number, product_number
        ) as numbered
        where recency_rank <= {{ next_evidence().products }}
    ),

    count_evidence as (
        select
            latest_products.customer_number,
            pairs.number_b as product_number,
            max(pairs.pair_number) as pair_number,
            sum(
                cast(round(-1e12 * ln(1 - least(pairs.confidence, 0.999999))) as bigint)
            ) as evidence
        from latest_products
        inner join {{ pairs }} as pairs on latest_products.product_number = pairs.number_a
        group by latest_products.customer_number, pairs.number_b
    )

    select
        counted.customer_number,
        counted.product_number,
        pairs.number_a as because_number,
        pairs.confidence,
        pairs.lift,
        pairs.n_ab,
        round(1 - exp(-cast(counted.evidence as double) / 1e12), 9) as score
    from count_evidence as counted
    inner join {{ pairs }} as pairs on counted.pair_number = pairs.pair_number
{%- endmacro %}


{#
    The replenishable products that a customer is due to buy again, as the whole body of a CTE: one
    a narrowest category, the one that is in most of the customer's orders. Due is who last bought
    of the category as long ago as its cycle: the customer's own median gap from three purchase
    days in it on, else everybody's. `goods` are those of the last year, `products` have a
    category_number.
#}
{% macro due_again(goods, products, cycles) -%}
    with

    category_days as (
        select distinct
            goods.customer_number,
            products.category_number,
            goods.business_date
        from {{ goods }} as goods
        inner join {{ products }} as products on goods.product_number = products.product_number
    ),

    category_gaps as (
        select
            *,
            {{ days_between(
                'lag(business_date) over ('
                ~ 'partition by customer_number, category_number '
                ~ 'order by business_date asc nulls last)',
                'business_date'
            ) }} as gap_days
        from category_days
    ),

    rhythms as (
        select
            customer_number,
            category_number,
            max(business_date) as last_date,
            count(gap_days) as n_gaps,
            percentile_cont(0.5) within group (order by gap_days asc nulls last) as median_gap_days
        from category_gaps
        group by customer_number, category_number
    ),

    due_categories as (
        select
            rhythms.customer_number,
            rhythms.category_number
        from rhythms
        left join {{ cycles }} as cycles on rhythms.category_number = cycles.category_number
        where
            {{ days_between('rhythms.last_date', as_of_date()) }}
            >= case
                when rhythms.n_gaps >= 2 then rhythms.median_gap_days else cycles.cycle_days
            end
    ),

    count_orders as (
        select
            customer_number,
            count(distinct receipt_id) as n_orders
        from {{ goods }}
        group by customer_number
    ),

    count_product_orders as (
        select
            goods.customer_number,
            goods.product_number,
            products.category_number,
            max(goods.closed_at) as last_at,
            count(*) as n_ab
        from {{ goods }} as goods
        inner join {{ products }} as products on goods.product_number = products.product_number
        where products.is_replenishable
        group by 1, 2, 3
    )

    select
        counted.customer_number,
        counted.product_number,
        counted.last_at,
        counted.n_ab,
        {{ ratio('counted.n_ab', 'count_orders.n_orders') }} as confidence
    from count_product_orders as counted
    inner join due_categories
        on
            counted.customer_number = due_categories.customer_number
            and counted.category_number = due_categories.category_number
    inner join count_orders on counted.customer_number = count_orders.customer_number
    qualify row_number() over (
        partition by counted.customer_number, counted.category_number
        order by
            counted.n_ab desc nulls last,
            counted.last_at desc nulls last,
            counted.product_number asc nulls last
    ) = 1
{%- endmacro %}


{#
    What is bought most, as the whole body of a CTE: one row a shelf and product, in the order of
    offering. A shelf is that of a store, its own best sellers first and then everybody's, or `all`;
    either part is five times as long as a list, so that enough is left that somebody never had.
    `sales_lines` are sold merchandise that may be recommended, `orders` all qualifying ones.
#}
{% macro popular_products(sales_lines, orders) -%}
    with

    sold_goods as (
        select distinct
            orders.receipt_id,
            orders.store_id,
            sales_lines.product_id
        from {{ sales_lines }} as sales_lines
        inner join {{ orders }} as orders on sales_lines.receipt_id = orders.receipt_id
    ),

    count_sales as (
        select store_id as scope_key, product_id, count(*) as n from sold_goods group by 1, 2
        union all
        select 'all', product_id, count(*) from sold_goods group by 2
    ),

    count_all as (
        select store_id as scope_key, count(*) as n from {{ orders }} group by 1
        union all
        select 'all', count(*) from {{ orders }}
    ),

    best_sellers as (
        select
            count_sales.scope_key,
            count_sales.product_id,
            {{ ratio('count_sales.n', 'count_all.n') }} as share,
            row_number() over (
                partition by count_sales.scope_key
                order by count_sales.n desc nulls last, count_sales.product_id asc nulls last
            ) as popularity_rank
        from count_sales
        inner join count_all on count_sales.scope_key = count_all.scope_key
        where count_sales.n >= {{ var('basket_min_receipts') }}
        qualify popularity_rank <= 5 * {{ var('next_products') }}
    ),

    fill_shelves as (
        select
            scope_key as shelf,
            product_id,
            case when scope_key = 'all' then 'all' else 'store' end as evidence_scope,
            share,
            popularity_rank
        from best_sellers
        union all
        select
            stores.shelf,
            everybodys.product_id,
            'all',
            everybodys.share,
            5 * {{ var('next_products') }} + everybodys.popularity_rank
        from (select distinct scope_key as shelf from best_sellers where scope_key <> 'all') as stores
        inner join best_sellers as everybodys on everybodys.scope_key = 'all'
        left join best_sellers as own
            on stores.shelf = own.scope_key and everybodys.product_id = own.product_id
        where own.product_id is null
    )

    select
        shelf,
        product_id,
        evidence_scope,
        share,
        row_number() over (
            partition by shelf order by popularity_rank asc nulls last
        ) as shelf_rank
    from fill_shelves
{%- endmacro %}
