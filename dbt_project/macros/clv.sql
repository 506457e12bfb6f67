{#
    Scores of MBG/NBD and Gamma-Gamma from fitted parameters. `params` is the alias of a row of
    prediction.clv_params, `inputs` that of a row of int_ltv_inputs. docs/metrics/ltv.md has the
    formulas. alpha is in weeks.
#}

{# Probability that a customer has not dropped out. The logarithm of the odds is capped before exp overflows. #}
{% macro clv_p_alive(params, inputs) -%}
    1 / (1 + exp(least(
        700.0,
        ln({{ params }}.a) - ln({{ params }}.b + {{ inputs }}.repeat_days)
        + ({{ params }}.r + {{ inputs }}.repeat_days) * (
            ln({{ params }}.alpha + {{ inputs }}.days_observed / 7.0e0)
            - ln({{ params }}.alpha + {{ inputs }}.days_to_last / 7.0e0)
        )
    )))
{%- endmacro %}


{# Expected value of a purchase day: the customer's own repeat days, shrunk to all customers'. #}
{% macro clv_expected_value(params, inputs) -%}
    {{ params }}.p * ({{ params }}.gamma + cast({{ inputs }}.repeat_net_sales as double))
    / ({{ params }}.p * {{ inputs }}.repeat_days + {{ params }}.q - 1)
{%- endmacro %}
