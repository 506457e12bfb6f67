{#
    Business dates on which a customer bought of a category, as the whole body of a CTE. Goods that
    were brought back are off the sale that they belong to; `sales_lines` are merchandise and
    `receipts` qualifying orders of known customers, both published facts, which no intermediate
    model may read. `category` is what counts as one, of a product.
#}
{% macro category_purchase_days(sales_lines, receipts, products, category='products.category_1') -%}
    select
        receipts.customer_key,
        {{ category }} as category,
        receipts.business_date
    from {{ sales_lines }} as sales_lines
    inner join {{ products }} as products on sales_lines.product_id = products.product_id
    inner join {{ receipts }} as receipts on sales_lines.order_receipt_id = receipts.receipt_id
    where {{ category }} is not null
    group by receipts.customer_key, {{ category }}, receipts.business_date
    having sum(sales_lines.net_sales) > 0 and sum(sales_lines.item_quantity) > 0
{%- endmacro %}


{#
    Rhythm of each customer and category as the whole body of a CTE. Spread and mean come of whole
    numbers, so that they do not depend on the order in which rows are added up.
#}
{% macro measure_rhythm(gaps) -%}
    select
        customer_key,
        category,
        count(*) as n_purchase_days,
        max(business_date) as last_purchase_date,
        count(gap_days) as n_gaps,
        {{ ratio('sum(gap_days)', 'count(gap_days)') }} as mean_gap_days,
        round(percentile_cont(0.5) within group (order by gap_days asc nulls last), 9)
            as median_gap_days,
        round(percentile_cont(0.75) within group (order by gap_days asc nulls last), 9)
            as p75_gap_days,
        round(
            sqrt(
                cast(count(gap_days) * sum(gap_days * gap_days) - sum(gap_days) * sum(gap_days)
                as double)
                / nullif(count(gap_days) * (count(gap_days) - 1), 0)
            ) * count(gap_days) / nullif(sum(gap_days), 0), 9
        ) as gap_cv,
        {%- for day in range(1, 8) %}
        count(*) filter (where {{ iso_day_of_week('business_date') }} = {{ day }})
            as days_{{ day }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ gaps }}
    group by customer_key, category
{%- endmacro %}


{# The first of `names` whose count, column `<prefix><name>`, none exceeds; NULL where all are 0. #}
{% macro first_of_greatest(names, prefix) -%}
    {%- set counts = [] -%}
    {%- for name in names -%}
        {%- do counts.append(prefix ~ name) -%}
    {%- endfor -%}
    case greatest({{ counts | join(', ') }})
        when 0 then null
        {%- for name in names %}
        when {{ prefix }}{{ name }} then {{ "'" ~ name ~ "'" if name is string else name }}
        {%- endfor %}
    end
{%- endmacro %}


{# Parts of the day by the store's clock, as [name, first hour, last hour]. #}
{% macro hour_bands() -%}
    {{ return([
        ['night', 0, 5], ['morning', 6, 10], ['noon', 11, 13], ['afternoon', 14, 16],
        ['evening', 17, 23]
    ]) }}
{%- endmacro %}


{# Orders of each customer by part of the day, as the whole body of a CTE. #}
{% macro count_hour_bands(receipts, stores) -%}
    select
        customer_key,
        {%- for band, first_hour, last_hour in hour_bands() %}
        count(*) filter (where local_hour between {{ first_hour }} and {{ last_hour }})
            as orders_{{ band }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            receipts.customer_key,
            {{ local_hour('receipts.closed_at', 'stores.timezone') }} as local_hour
        from {{ receipts }} as receipts
        inner join {{ stores }} as stores on receipts.store_id = stores.store_id
    ) as local_orders
    group by customer_key
{%- endmacro %}


{#
    Medians of days as they were known when a month began, as the whole body of a CTE: one row a
    group and month. `counts` say how often gaps of so many days ended in a month. A group with
    gaps counts in all later months.
#}
{% macro medians_known_by_month(counts, dates) -%}
    select
        group_type,
        group_key,
        month_start,
        max(n_gaps) as n_gaps,
        (
            min(case when 2 * n_up_to >= n_gaps then gap_days end)
            + min(case when 2 * n_up_to > n_gaps then gap_days end)
        ) / 2.0 as median_gap_days
    from (
        select
            *,
            sum(n) over (partition by group_type, group_key, month_start) as n_gaps,
            sum(n) over (
                partition by group_type, group_key, month_start
                order by gap_days asc nulls last
                rows between unbounded preceding and current row
            ) as n_up_to
        from (
            select
                counts.group_type,
                counts.group_key,
                months.month_start,
                counts.gap_days,
                sum(counts.n) as n
            from {{ counts }} as counts
            inner join (select distinct month_start from {{ dates }}) as months
                on counts.month_start < months.month_start
            group by counts.group_type, counts.group_key, months.month_start, counts.gap_days
        ) as known
    ) as added_up
    group by group_type, group_key, month_start
{%- endmacro %}


{# Gaps by group, month in which they ended and length, as the whole body of a CTE. #}
{% macro count_gaps_of_groups(gaps, second_days) -%}
    {%- for group_type, group_key, relation, condition in [
        ('company', "'all'", second_days, 'true'),
        ('store', 'first_store_id', second_days, 'true'),
        ('category', 'category', gaps, "category <> 'all'")
    ] %}
    select
        '{{ group_type }}' as group_type,
        {{ group_key }} as group_key,
        cast(date_trunc('month', business_date) as date) as month_start,
        gap_days,
        count(*) as n
    from {{ relation }}
    where {{ condition }} and gap_days is not null
    group by 2, 3, 4
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
