with

-- Numbers stand for keys up to the last step, in the same order: they sort and count several times
-- as fast.
customers as (
    select
        *,
        row_number() over (order by customer_key asc nulls last) as customer_number
    from {{ ref('dim_customer') }}
    where not is_internal
),

products as (
    select
        *,
        {{ narrowest_category('dim_product') }} as narrowest_category,
        row_number() over (order by product_id asc nulls last) as product_number
    from {{ ref('dim_product') }} as dim_product
),

number_categories as (
    select
        narrowest_category,
        row_number() over (order by narrowest_category asc nulls last) as category_number
    from (
        select distinct narrowest_category from products
        where narrowest_category is not null
    ) as categories
),

number_products as (
    select
        products.product_number,
        products.is_replenishable,
        number_categories.category_number
    from products
    inner join number_categories
        on products.narrowest_category = number_categories.narrowest_category
),

all_receipts as (
    select * from {{ ref('fct_sales_receipt') }}
),

sales_lines as (
    select * from {{ ref('fct_sales_line') }}
    where is_merchandise and product_id is not null
),

cycles as (
    select
        number_categories.category_number,
        cycles.cycle_days
    from {{ ref('category_replenishment') }} as cycles
    inner join number_categories on cycles.category = number_categories.narrowest_category
    where cycles.category_level = 'narrowest' and cycles.scope_type = 'all'
),

-- What has not been sold anywhere for weeks, or has left the range, is not promised to anybody.
sellable_products as (
    select
        products.product_id,
        products.product_number
    from products
    inner join (
        select distinct product_id from sales_lines
        where not is_return and {{ in_window('business_date', stock_days()) }}
    ) as sold on products.product_id = sold.product_id
    where
        products.is_merchandise
        and not products.is_inferred
        and coalesce(products.is_active, true)
        and not coalesce(products.is_sample, false)
        and products.membership_months is null
),

-- Large baskets hold many pairs by chance, which the adjusted lift leaves out. Sure affinities alone
-- (is_affinity) are so few that best sellers would be bought more often.
closest_pairs as (
    select
        owned.product_number as number_a,
        sellable_products.product_number as number_b,
        pairs.confidence,
        pairs.lift,
        pairs.n_ab,
        row_number() over (
            order by
                pairs.confidence asc nulls first,
                pairs.item_a desc nulls last,
                pairs.item_b desc nulls last
        ) as pair_number
    from {{ ref('basket_pair') }} as pairs
    inner join sellable_products on pairs.item_b = sellable_products.product_id
    inner join products as owned on pairs.item_a = owned.product_id
    where
        pairs.level = 'product'
        and pairs.scope_type = 'all'
        and pairs.period = '{{ var("basket_days") }}d'
        and pairs.lift_adjusted > 1
    qualify row_number() over (
        partition by pairs.item_a
        order by pairs.confidence desc nulls last, pairs.item_b asc nulls last
    ) <= {{ next_evidence().neighbours }}
),

orders as (
    select * from all_receipts
    where is_qualifying and {{ in_window('business_date', var('basket_days')) }}
),

known_orders as (
    select
        orders.receipt_id,
        orders.business_date,
        orders.closed_at,
        customers.customer_number
    from orders
    inner join customers on orders.customer_key = customers.customer_key
),

recent_goods as (
    {{ kept_goods('sales_lines', 'known_orders', 'products') }}
),

-- What may still be exchanged is theirs, and no reason yet for anything else.
settled_goods as (
    select * from recent_goods
    where {{ seconds_between('closed_at', as_of_end()) }} >= 3600 * {{ var('exchange_hours') }}
),

sold_lines as (
    select sales_lines.*
    from sales_lines
    inner join sellable_products on sales_lines.product_id = sellable_products.product_id
    where not sales_lines.is_return
),

popular as (
    {{ popular_products('sold_lines', 'orders') }}
),

due_again as (
    {{ due_again('recent_goods', 'number_products', 'cycles') }}
),

goes_with as (
    {{ goes_with('settled_goods', 'closest_pairs') }}
),

-- Nothing is new to somebody who ever bought it, kept or not.
bought_goods as (
    select distinct
        customers.customer_number,
        products.product_number
    from sales_lines
    inner join customers on sales_lines.customer_key = customers.customer_key
    inner join products on sales_lines.product_id = products.product_id
),

-- Brought back by the customer, or on a receipt without one by whoever had the goods.
returned_goods as (
    select distinct
        customers.customer_number,
        products.product_number
    from sales_lines
    inner join all_receipts on sales_lines.order_receipt_id = all_receipts.receipt_id
    inner join customers
        on coalesce(sales_lines.customer_key, all_receipts.customer_key) = customers.customer_key
    inner join products on sales_lines.product_id = products.product_id
    where sales_lines.is_return
),

choose_replenished as (
    select
        due_again.*,
        row_number() over (
            partition by due_again.customer_number
            order by
                due_again.confidence desc nulls last,
                due_again.last_at desc nulls last,
                due_again.product_number asc nulls last
        ) as reason_rank
    from due_again
    inner join sellable_products
        on due_again.product_number = sellable_products.product_number
    left join returned_goods
        on
            due_again.customer_number = returned_goods.customer_number
            and due_again.product_number = returned_goods.product_number
    where
        returned_goods.product_number is null
        and {{ seconds_between('due_again.last_at', as_of_end()) }}
        >= 3600 * {{ var('exchange_hours') }}
    qualify reason_rank <= {{ max_replenished() }}
),

choose_matching as (
    select
        goes_with.*,
        row_number() over (
            partition by goes_with.customer_number
            order by
                goes_with.score desc nulls last,
                goes_with.confidence desc nulls last,
                goes_with.product_number asc nulls last
        ) as reason_rank
    from goes_with
    left join bought_goods
        on
            goes_with.customer_number = bought_goods.customer_number
            and goes_with.product_number = bought_goods.product_number
    where bought_goods.product_number is null
    qualify reason_rank <= {{ var('next_products') }}
),

choose_own as (
    select
        customer_number,
        product_number,
        'replenish' as reason,
        1 as reason_order,
        reason_rank,
        'own' as evidence_scope,
        product_number as because_number,
        confidence,
        cast(null as double) as lift,
        n_ab,
        confidence as score
    from choose_replenished
    union all
    select
        customer_number,
        product_number,
        'goes_with',
        2,
        reason_rank,
        'all',
        because_number,
        confidence,
        lift,
        n_ab,
        score
    from choose_matching
),

count_own as (
    select
        customer_number,
        count(*) as n_own
    from choose_own
    group by customer_number
),

count_bought as (
    select
        customer_number,
        count(*) as n_bought
    from bought_goods
    group by customer_number
),

-- Popular products fill up what is missing. So many of a shelf are enough, even if the customer had
-- the first ones.
offer_popular as (
    select
        customers.customer_number,
        products.product_number,
        popular.evidence_scope,
        popular.share,
        popular.shelf_rank
    from customers
    left join count_own on customers.customer_number = count_own.customer_number
    left join count_bought on customers.customer_number = count_bought.customer_number
    left join (select distinct shelf from popular) as shelves
        on customers.home_store_id = shelves.shelf
    inner join popular
        on
            coalesce(shelves.shelf, 'all') = popular.shelf
            and popular.shelf_rank
            <= {{ var('next_products') }} + coalesce(count_bought.n_bought, 0)
    inner join products on popular.product_id = products.product_id
    where coalesce(count_own.n_own, 0) < {{ var('next_products') }}
),

choose_popular as (
    select
        offered.customer_number,
        offered.product_number,
        offered.share,
        offered.evidence_scope,
        offered.shelf_rank as reason_rank
    from offer_popular as offered
    left join bought_goods
        on
            offered.customer_number = bought_goods.customer_number
            and offered.product_number = bought_goods.product_number
    left join choose_own
        on
            offered.customer_number = choose_own.customer_number
            and offered.product_number = choose_own.product_number
    where bought_goods.product_number is null and choose_own.product_number is null
),

rank_products as (
    select
        *,
        row_number() over (
            partition by customer_number
            order by reason_order asc nulls last, reason_rank asc nulls last
        ) as product_rank
    from (
        select * from choose_own
        union all
        select
            customer_number,
            product_number,
            'popular',
            3,
            reason_rank,
            evidence_scope,
            cast(null as bigint),
            share,
            cast(null as double),
            cast(null as bigint),
            share
        from choose_popular
    ) as chosen
),

final as (
    select
        customers.customer_key,
        cast(ranked.product_rank as bigint) as product_rank,
        products.product_id,
        ranked.reason,
        ranked.evidence_scope,
        reasons.product_id as because_product_id,
        ranked.score,
        ranked.confidence,
        ranked.lift,
        cast(ranked.n_ab as bigint) as n_ab
    from rank_products as ranked
    inner join customers on ranked.customer_number = customers.customer_number
    inner join products on ranked.product_number = products.product_number
    left join products as reasons on ranked.because_number = reasons.product_number
    where ranked.product_rank <= {{ var('next_products') }}
)

select * from final
