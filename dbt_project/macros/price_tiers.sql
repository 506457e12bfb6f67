{#
    Name of the narrowest category that the master knows of a product, with the wider ones before
    it: names alone repeat. NULL where it knows none.
#}
{% macro narrowest_category(products) -%}
    nullif(
        concat_ws(
            ' > ', {{ products }}.category_1, {{ products }}.category_2, {{ products }}.category_3
        ),
        ''
    )
{%- endmacro %}


{# Purchase days at either end of a customer's history in a category that stand for it. #}
{% macro upsell_days() -%}
    2
{%- endmacro %}


{# The mean tier has to move so far to be a move up or down. #}
{% macro upsell_step() -%}
    0.1
{%- endmacro %}


{#
    Tier of each product and month among what was sold of its narrowest category, as the whole body
    of a CTE: the share of the units' lines that were cheaper, those of the same price counting half.

    A product stands for its regular price of three months, the one that most of its lines had,
    without tax: a day's offer, or a shop that prices without tax, does not make it another tier. Goods
    by weight are compared with goods by weight. Where all of a category cost the same there is no
    tier. `sales_lines` are sold merchandise, `dates` tell the months.
#}
{% macro price_tiers(sales_lines, products, dates) -%}
    with

    weighed_products as (
        select distinct product_id from {{ sales_lines }} where quantity <> round(quantity, 0)
    ),

    count_prices as (
        select
            product_id,
            cast(date_trunc('month', business_date) as date) as sold_month,
            cast(
                unit_price / case when tax_included then 1 + tax_rate else 1 end as decimal(18, 2)
            ) as price,
            count(*) as n
        from {{ sales_lines }}
        where unit_price > 0
        group by 1, 2, 3
    ),

    count_recent_prices as (
        select
            count_prices.product_id,
            months.month_start,
            count_prices.price,
            sum(count_prices.n) as n
        from count_prices
        inner join (select distinct month_start from {{ dates }}) as months
            on
                count_prices.sold_month <= months.month_start
                and count_prices.sold_month >= {{ add_months('months.month_start', '-2') }}
        group by count_prices.product_id, months.month_start, count_prices.price
    ),

    regular_prices as (
        select
            product_id,
            month_start,
            price,
            sum(n) over (partition by product_id, month_start) as n
        from count_recent_prices
        qualify row_number() over (
            partition by product_id, month_start order by n desc nulls last, price desc nulls last
        ) = 1
    ),

    group_products as (
        select
            regular_prices.*,
            {{ narrowest_category('products') }} as category,
            weighed_products.product_id is not null as is_weighed
        from regular_prices
        inner join {{ products }} as products on regular_prices.product_id = products.product_id
        left join weighed_products on regular_prices.product_id = weighed_products.product_id
    ),

    sum_prices as (
        select
            category,
            is_weighed,
            month_start,
            price,
            sum(n) as n
        from group_products
        where category is not null
        group by category, is_weighed, month_start, price
    ),

    rank_prices as (
        select
            *,
            sum(n) over (partition by category, is_weighed, month_start) as n_all,
            sum(n) over (
                partition by category, is_weighed, month_start
                order by price asc nulls last
                rows between unbounded preceding and current row
            ) as n_up_to
        from sum_prices
    )

    select
        group_products.product_id,
        group_products.month_start,
        group_products.category,
        cast({{ ratio('2 * n_up_to - rank_prices.n', '2 * n_all') }} as decimal(12, 9)) as tier
    from group_products
    inner join rank_prices
        on
            group_products.category = rank_prices.category
            and group_products.is_weighed = rank_prices.is_weighed
            and group_products.month_start = rank_prices.month_start
            and group_products.price = rank_prices.price
    where rank_prices.n < n_all
{%- endmacro %}
