{#
    Ratio of two exact numbers as a double: NULL without a denominator, never 0. Rounded to nine
    places, so that the stored value does not depend on how an engine divides.
#}
{% macro ratio(numerator, denominator) -%}
    round(
        cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0), 9
    )
{%- endmacro %}
