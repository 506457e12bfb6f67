{#
    Whole-number arithmetic for money. Shares are computed in whole units of a currency, because a
    share computed in floating point can lose or make a unit. All arguments are SQL expressions of
    whole numbers; divisors are positive.
#}

{# Remainder of a division rounded toward minus infinity: 0 <= remainder < divisor. #}
{% macro floor_remainder(number, divisor) -%}
    ((({{ number }}) % ({{ divisor }}) + ({{ divisor }})) % ({{ divisor }}))
{%- endmacro %}


{#
    Quotient rounded toward minus infinity. The division is of an exact multiple, so rounding it
    restores the whole number whatever type the engine divides in.
#}
{% macro floor_quotient(number, divisor, type='bigint') -%}
    cast(
        round((({{ number }}) - {{ floor_remainder(number, divisor) }}) / ({{ divisor }}))
        as {{ type }}
    )
{%- endmacro %}


{#
    Quotient rounded as tax is: `tax_rounding` down (toward zero), half_up or up (both away from
    zero), the same for a return as for its sale.
#}
{% macro tax_quotient(number, divisor) -%}
    {%- set mode = var('tax_rounding') -%}
    {%- set size = 'abs(' ~ number ~ ')' -%}
    {%- if mode == 'down' -%}
        sign({{ number }}) * {{ floor_quotient(size, divisor) }}
    {%- elif mode == 'half_up' -%}
        sign({{ number }}) * {{ floor_quotient('2 * ' ~ size ~ ' + ' ~ divisor, '2 * ' ~ divisor) }}
    {%- elif mode == 'up' -%}
        sign({{ number }}) * {{ floor_quotient(size ~ ' + ' ~ divisor ~ ' - 1', divisor) }}
    {%- else -%}
        {{ exceptions.raise_compiler_error(
            "tax_rounding must be down, half_up or up, not '" ~ mode ~ "'"
        ) }}
    {%- endif -%}
{%- endmacro %}


{# An amount with two places as a whole number of hundredths. #}
{% macro hundredths(amount, type='bigint') -%}
    cast(({{ amount }}) * 100 as {{ type }})
{%- endmacro %}


{# A whole number of hundredths as an amount. #}
{% macro amount_of_hundredths(number) -%}
    cast(cast({{ number }} as decimal(18, 0)) * 0.01 as decimal(18, 2))
{%- endmacro %}
