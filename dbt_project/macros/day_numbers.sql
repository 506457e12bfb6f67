{# The numbers 0 to 99,999, as days 273 years, as the whole body of a CTE: column `day_number`. #}
{% macro day_numbers() -%}
    with

    digits as (
        select 0 as digit
        {%- for digit in range(1, 10) %}
        union all select {{ digit }}
        {%- endfor %}
    )

    select
        ones.digit + 10 * tens.digit + 100 * hundreds.digit
        + 1000 * thousands.digit + 10000 * ten_thousands.digit as day_number
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
    cross join digits as ten_thousands
{%- endmacro %}
