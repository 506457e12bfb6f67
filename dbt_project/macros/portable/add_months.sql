{# A date moved by a whole number of months; the last day of a shorter month where there is no such day. #}
{% macro add_months(date, months) -%}
    {{ portable(adapter.dispatch('add_months', 'tokui')(date, months)) }}
{%- endmacro %}

{% macro duckdb__add_months(date, months) -%}
    cast({{ date }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}

{% macro default__add_months(date, months) -%}
    add_months({{ date }}, cast({{ months }} as int))
{%- endmacro %}
