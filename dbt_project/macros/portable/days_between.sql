{# Days from one date to another, negative when the second is the earlier. #}
{% macro days_between(start, end) -%}
    {{ portable(adapter.dispatch('days_between', 'tokui')(start, end)) }}
{%- endmacro %}

{% macro duckdb__days_between(start, end) -%}
    date_diff('day', {{ start }}, {{ end }})
{%- endmacro %}

{% macro default__days_between(start, end) -%}
    cast(datediff({{ end }}, {{ start }}) as bigint)
{%- endmacro %}
