{# Day of the week of a date: 1 is Monday, 7 Sunday. Engines count from different days. #}
{% macro iso_day_of_week(date) -%}
    {{ portable(adapter.dispatch('iso_day_of_week', 'tokui')(date)) }}
{%- endmacro %}

{% macro duckdb__iso_day_of_week(date) -%}
    isodow({{ date }})
{%- endmacro %}

{% macro default__iso_day_of_week(date) -%}
    extract(dayofweek_iso from {{ date }})
{%- endmacro %}
