{#
    Number of the bucket of time that an instant lies in. Buckets are as long as the longest window
    of attribution, so an order and its touch lie in one bucket or in neighbouring ones, and are
    found by equality.
#}
{% macro attribution_bucket(instant) -%}
    {%- set hours = [
        var('attribution_hours_email'), var('attribution_hours_line'),
        var('attribution_hours_sms'), var('attribution_hours_event')
    ] -%}
    cast(
        floor(
            {{ seconds_between("cast('1970-01-01' as timestamp)", instant) }}
            / cast({{ 3600 * (hours | max) }} as double)
        ) as bigint
    )
{%- endmacro %}
