{#
    The measures of a campaign's effect, each a sum over people divided by people: how many bought,
    how often, for how much. Values are columns of one person's window, named <part>_<value>.
#}
{% macro effect_metrics() -%}
    {{ return({
        'purchase_rate': 'bought',
        'orders_per_person': 'orders',
        'net_sales_per_person': 'net_sales',
    }) }}
{%- endmacro %}


{# Days of each of a campaign's windows. #}
{% macro effect_days() -%}
    {{ return(7 * var('effect_weeks')) }}
{%- endmacro %}


{# Quantile of the normal distribution for an interval of 95 %. #}
{% macro normal_quantile() -%}
    1.96
{%- endmacro %}


{#
    Square of the standard error of a mean, from the exact sums over `n` people: their sample
    variance divided by n. NULL of fewer than two people; never below 0 by rounding.
#}
{% macro squared_error(n, total, squares) -%}
    case
        when {{ n }} > 1
            then greatest(
                (
                    cast({{ squares }} as double)
                    - cast({{ total }} as double) * cast({{ total }} as double) / {{ n }}
                ) / ({{ n }} - 1) / {{ n }}, 0
            )
    end
{%- endmacro %}


{# An end of Wilson's interval of a share of `n`: `sign` is - for the lower, + for the upper. #}
{% macro wilson_end(share, n, sign) -%}
    {%- set z = normal_quantile() -%}
    (
        (
            {{ share }} + {{ z }} * {{ z }} / (2 * {{ n }})
            {{ sign }} {{ z }} * sqrt(
                {{ share }} * (1 - {{ share }}) / {{ n }}
                + {{ z }} * {{ z }} / (4 * cast({{ n }} as double) * {{ n }})
            )
        ) / (1 + {{ z }} * {{ z }} / cast({{ n }} as double))
    )
{%- endmacro %}


{# How many standard errors two shares lie apart, by their pooled share; NULL where that is 0 or 1. #}
{% macro two_share_z(count_1, n_1, count_2, n_2) -%}
    (
        (cast({{ count_1 }} as double) / {{ n_1 }} - cast({{ count_2 }} as double) / {{ n_2 }})
        / nullif(
            sqrt(
                cast({{ count_1 }} + {{ count_2 }} as double)
                * cast({{ n_1 }} + {{ n_2 }} - {{ count_1 }} - {{ count_2 }} as double)
                / ({{ n_1 }} + {{ n_2 }}) / {{ n_1 }} / {{ n_2 }}
            ), 0
        )
    )
{%- endmacro %}


{# A chi-square as the normal deviate that is as rare, by Wilson and Hilferty's cube root. #}
{% macro chi_square_z(chi_square, degrees) -%}
    (
        (
            power({{ chi_square }} / {{ degrees }}, 1.0 / 3)
            - (1 - 2.0 / (9 * {{ degrees }}))
        ) / sqrt(2.0 / (9 * {{ degrees }}))
    )
{%- endmacro %}
