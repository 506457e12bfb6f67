{# Local hour of day, 0 to 23, of a UTC instant in a time zone; both are SQL expressions. #}
{% macro local_hour(instant, zone) -%}
    {{ portable(adapter.dispatch('local_hour', 'tokui')(instant, zone)) }}
{%- endmacro %}

{% macro duckdb__local_hour(instant, zone) -%}
    extract(hour from {{ duckdb__local_time(instant, zone) }})
{%- endmacro %}

{% macro default__local_hour(instant, zone) -%}
    hour(from_utc_timestamp({{ instant }}, {{ zone }}))
{%- endmacro %}
