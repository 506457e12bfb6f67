{# A count that a left join may not have found: of nothing it is 0. #}
{% macro count_or_zero(count) -%}
    cast(coalesce({{ count }}, 0) as bigint)
{%- endmacro %}


{# An amount that a left join may not have found: the sum of nothing is 0. #}
{% macro amount_or_zero(amount) -%}
    cast(coalesce({{ amount }}, 0) as decimal(18, 2))
{%- endmacro %}
