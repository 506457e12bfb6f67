{#
    What the clocks of a time zone show at a UTC instant, as a timestamp without a zone. `instant`
    and `zone` are SQL expressions.
#}
{% macro local_time(instant, zone) -%}
    {{ portable(adapter.dispatch('local_time', 'tokui')(instant, zone)) }}
{%- endmacro %}

{% macro duckdb__local_time(instant, zone) -%}
    timezone({{ zone }}, timezone('UTC', {{ instant }}))
{%- endmacro %}

{% macro default__local_time(instant, zone) -%}
    from_utc_timestamp({{ instant }}, {{ zone }})
{%- endmacro %}


{# The other way round: the UTC instant at which the clocks of a time zone show a time. #}
{% macro utc_instant(time, zone) -%}
    {{ portable(adapter.dispatch('utc_instant', 'tokui')(time, zone)) }}
{%- endmacro %}

{% macro duckdb__utc_instant(time, zone) -%}
    timezone('UTC', timezone({{ zone }}, {{ time }}))
{%- endmacro %}

{% macro default__utc_instant(time, zone) -%}
    to_utc_timestamp({{ time }}, {{ zone }})
{%- endmacro %}
