{# A count that a left join may not have found: of nothing it is 0. #}
{% macro count_or_zero(count) -%}
    cast(coalesce({{ count }}, 0) as bigint)
{%- endmacro %}


{# An amount that a left join may not have found: the sum of nothing is 0. #}
{% macro amount_or_zero(amount) -%}
    cast(coalesce({{ amount }}, 0) as decimal(18, 2))
{%- endmacro %}


{#
    Margin of lines with their products: net sales less cost, where the cost is known. Returns take
    their cost back with them, on the sale that they belong to.
#}
{% macro sum_margin(sales_lines, products) -%}
    sum(
        {{ sales_lines }}.net_sales
        - cast({{ sales_lines }}.quantity * {{ products }}.unit_cost as decimal(18, 2))
    ) filter (where {{ products }}.unit_cost is not null)
{%- endmacro %}


{# Turnover in both directions of the lines whose cost is known: what the margin speaks for. #}
{% macro sum_covered_amount(sales_lines, products) -%}
    sum(abs({{ sales_lines }}.net_sales)) filter (where {{ products }}.unit_cost is not null)
{%- endmacro %}
