{# Local hour of day, 0 to 23, of a UTC instant in a time zone; both are SQL expressions. #}
{% macro local_hour(instant, zone) -%}
    {{ portable(adapter.dispatch('local_hour', 'tokui')(instant, zone)) }}
{%- endmacro %}

{# Most rows are in the company's zone, and a constant one is cheaper to look up. #}
{% macro duckdb__local_hour(instant, zone) -%}
    {%- set company_zone = "'" ~ var('company_timezone') ~ "'" -%}
    extract(
        hour from case
            when {{ zone }} = {{ company_zone }}
                then timezone({{ company_zone }}, timezone('UTC', {{ instant }}))
            else timezone({{ zone }}, timezone('UTC', {{ instant }}))
        end
    )
{%- endmacro %}

{% macro default__local_hour(instant, zone) -%}
    hour(from_utc_timestamp({{ instant }}, {{ zone }}))
{%- endmacro %}
