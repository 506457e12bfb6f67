{# So many orders of a customer, one after the other, are steps of the funnel. #}
{% macro order_steps() -%}
    10
{%- endmacro %}


{#
    Buckets of the days from one order to the next as [name, most days]: the same day, 10 days, a
    month, then by 30 days up to 360, and longer.
#}
{% macro repeat_buckets() -%}
    {%- set buckets = [['0', 0], ['1-10', 10], ['11-30', 30], ['31-60', 60]] -%}
    {%- for days in range(90, 361, 30) -%}
        {%- do buckets.append([(days - 29) ~ '-' ~ days, days]) -%}
    {%- endfor -%}
    {%- do buckets.append(['361+', none]) -%}
    {{ return(buckets) }}
{%- endmacro %}


{# The bucket of a number of days; NULL has none. #}
{% macro repeat_bucket(days) -%}
    case
        {%- for name, most_days in repeat_buckets() if most_days is not none %}
        when {{ days }} <= {{ most_days }} then '{{ name }}'
        {%- endfor %}
        when {{ days }} is not null then '361+'
    end
{%- endmacro %}
