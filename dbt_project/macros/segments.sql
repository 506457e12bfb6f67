{#
    What a segment may compare of a customer, with its kind: the columns of int_segment_states and
    the attributes of plans/segments.py, which checks the lines of the file; a test compares them.
#}
{% macro segment_attributes() -%}
    {{ return({
        'rfm_group_lifetime': 'text',
        'rfm_group_365d': 'text',
        'klaviyo_group_lifetime': 'text',
        'klaviyo_group_365d': 'text',
        'r_score_lifetime': 'number',
        'r_score_365d': 'number',
        'f_score_lifetime': 'number',
        'f_score_365d': 'number',
        'm_score_lifetime': 'number',
        'm_score_365d': 'number',
        'frequency_lifetime': 'number',
        'frequency_365d': 'number',
        'monetary_lifetime': 'number',
        'monetary_365d': 'number',
        'q_orders_lifetime': 'number',
        'q_orders_365d': 'number',
        'q_net_sales_lifetime': 'number',
        'q_net_sales_365d': 'number',
        'lifecycle_status': 'text',
        'days_since_last': 'number',
        'days_since_first': 'number',
        'is_member': 'flag',
        'days_as_member': 'number',
        'member_tier': 'text',
        'home_store_id': 'text',
        'gender': 'text',
        'age_band': 'text',
        'prefecture': 'text',
        'occupation': 'text',
    }) }}
{%- endmacro %}


{#
    Whether an attribute fulfils a condition. What is not known fulfils none but `is null`: it is
    neither equal to a value nor different from one.
#}
{% macro fulfils_condition(attribute, kind) -%}
    {%- if kind == 'number' -%}
    {%- set mine = 'cast(states.' ~ attribute ~ ' as double)' -%}
    {%- set other = 'conditions.number_value' -%}
    {%- else -%}
    {%- set mine = 'states.' ~ attribute -%}
    {%- set other = 'conditions.text_value' -%}
    {%- endif -%}
    case conditions.operator
        when '=' then {{ mine }} = {{ other }}
        when 'in' then {{ mine }} = {{ other }}
        when '<>' then {{ mine }} <> {{ other }}
        when 'not in' then {{ mine }} <> {{ other }}
        {%- if kind == 'number' %}
        when '<' then {{ mine }} < {{ other }}
        when '<=' then {{ mine }} <= {{ other }}
        when '>' then {{ mine }} > {{ other }}
        when '>=' then {{ mine }} >= {{ other }}
        {%- endif %}
        when 'is null' then states.{{ attribute }} is null
        when 'is not null' then states.{{ attribute }} is not null
    end
{%- endmacro %}
