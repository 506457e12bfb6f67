{#
    Whole months from a date to a later one: as many as can be added to the first, the last day of
    a shorter month standing for a day that it lacks, without passing the second.
#}
{% macro whole_months_between(start, end) -%}
    {%- set months -%}
    (
        (extract(year from {{ end }}) - extract(year from {{ start }})) * 12
        + extract(month from {{ end }}) - extract(month from {{ start }})
    )
    {%- endset -%}
    cast(
        {{ months }} - case when {{ add_months(start, months) }} > {{ end }} then 1 else 0 end
        as bigint
    )
{%- endmacro %}


{# Calendar months from the month of one date to that of another, negative when it is earlier. #}
{% macro months_between(start, end) -%}
    cast(
        12 * (extract(year from {{ end }}) - extract(year from {{ start }}))
        + extract(month from {{ end }}) - extract(month from {{ start }}) as bigint
    )
{%- endmacro %}
