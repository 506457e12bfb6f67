{#
    Continuous quantiles of all values of a partition up to a row, as an array with an element a
    point; NULL values do not count. Read it with `nth_element`.
#}
{% macro running_quantiles(value, points, partition_by, order_by) -%}
    {%- set window -%}
        (
            partition by {{ partition_by }}
            order by {{ order_by }} asc nulls last
            rows between unbounded preceding and current row
        )
    {%- endset -%}
    {{ portable(adapter.dispatch('running_quantiles', 'tokui')(value, points, window)) }}
{%- endmacro %}

{% macro duckdb__running_quantiles(value, points, window) -%}
    quantile_cont({{ value }}, [{{ points | join(', ') }}]) over {{ window }}
{%- endmacro %}

{% macro default__running_quantiles(value, points, window) -%}
    percentile({{ value }}, array({{ points | join(', ') }})) over {{ window }}
{%- endmacro %}


{# Element of an array, counted from 1. #}
{% macro nth_element(array, number) -%}
    {{ portable(adapter.dispatch('nth_element', 'tokui')(array, number)) }}
{%- endmacro %}

{% macro duckdb__nth_element(array, number) -%}
    {{ array }}[{{ number }}]
{%- endmacro %}

{% macro default__nth_element(array, number) -%}
    element_at({{ array }}, {{ number }})
{%- endmacro %}
