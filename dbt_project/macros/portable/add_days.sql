{# A date moved by a whole number of days. #}
{% macro add_days(date, days) -%}
    {{ portable(adapter.dispatch('add_days', 'tokui')(date, days)) }}
{%- endmacro %}

{% macro duckdb__add_days(date, days) -%}
    ({{ date }} + cast({{ days }} as integer))
{%- endmacro %}

{% macro default__add_days(date, days) -%}
    date_add({{ date }}, cast({{ days }} as int))
{%- endmacro %}
