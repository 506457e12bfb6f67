{# Fewer gaps than this at one place say nothing of it: those of a wider one stand in. #}
{% macro min_gaps_of_group() -%}
    100
{%- endmacro %}


{# Days over which somebody who came back from dormancy is called reactivated, the first included. #}
{% macro reactivated_days() -%}
    90
{%- endmacro %}


{#
    Quantile of a customer's own gaps, drawn towards that of their store as if five more gaps had
    been seen there. Rounded, so that 30 is not cut to 29 by the last bit of a double.
#}
{% macro shrunk_quantile(n_gaps, own_quantile, prior_quantile) -%}
    round(
        ({{ n_gaps }} * {{ own_quantile }} + 5 * {{ prior_quantile }}) / ({{ n_gaps }} + 5.0), 9
    )
{%- endmacro %}


{# A count of days as whole days that have passed, cut off. #}
{% macro whole_days(days) -%}
    cast(floor({{ days }}) as bigint)
{%- endmacro %}


{#
    Status of somebody with an order, `days_since` days after their last purchase day. Exactly as
    many days as a threshold says are not yet past it.
#}
{% macro lifecycle_status(
    days_since, at_risk_after, dormant_after, lost_after, reactivated_on, q_orders, on_date
) -%}
    case
        when {{ days_since }} > {{ lost_after }} then 'lost'
        when {{ days_since }} > {{ dormant_after }} then 'dormant'
        when {{ days_since }} > {{ at_risk_after }} then 'at_risk'
        when {{ on_date }} < {{ add_days(reactivated_on, reactivated_days()) }} then 'reactivated'
        when {{ q_orders }} = 1 then 'new'
        else 'active'
    end
{%- endmacro %}
