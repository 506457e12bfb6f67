{#
    Local calendar date of a UTC instant in a time zone. The day ends `cutover_hour` hours after
    midnight: with 5, a sale at 04:59 belongs to the day before. `instant`, `zone` and
    `cutover_hour` are SQL expressions.
#}
{% macro local_date(instant, zone, cutover_hour='0') -%}
    {{ portable(adapter.dispatch('local_date', 'tokui')(instant, zone, cutover_hour)) }}
{%- endmacro %}

{% macro duckdb__local_date(instant, zone, cutover_hour) -%}
    cast({{ duckdb__local_time(instant, zone) }} - to_hours({{ cutover_hour }}) as date)
{%- endmacro %}

{% macro default__local_date(instant, zone, cutover_hour) -%}
    to_date(
        from_utc_timestamp({{ instant }}, {{ zone }})
        - make_interval(0, 0, 0, 0, {{ cutover_hour }})
    )
{%- endmacro %}
