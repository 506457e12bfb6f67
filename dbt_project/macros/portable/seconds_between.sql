{# Whole seconds from one instant to another, fractions cut off. #}
{% macro seconds_between(start, end) -%}
    {{ portable(adapter.dispatch('seconds_between', 'tokui')(start, end)) }}
{%- endmacro %}

{% macro duckdb__seconds_between(start, end) -%}
    date_sub('second', {{ start }}, {{ end }})
{%- endmacro %}

{% macro default__seconds_between(start, end) -%}
    timestampdiff(second, {{ start }}, {{ end }})
{%- endmacro %}
