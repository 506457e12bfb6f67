{#
    What a segment may compare of a customer, with its kind: the attributes of int_segment_states and
    of plans/segments.py, which checks the lines of the file; a test compares them.
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
    Rows of int_segment_states: what `column` of the spans in `relation` says of an attribute, if a
    rule names it. Conditions may be added behind it.
#}
{% macro segment_states(attribute, relation, column=none) -%}
    {%- set value = 'states.' ~ (column or attribute) -%}
    {%- set is_number = segment_attributes()[attribute] == 'number' -%}
    select
        states.customer_number,
        states.from_number,
        states.to_number,
        used_attributes.attribute,
        {{ 'cast(null as varchar)' if is_number else value }} as text_value,
        cast({{ value if is_number else 'null' }} as double) as number_value
    from {{ relation }} as states
    inner join used_attributes on used_attributes.attribute = '{{ attribute }}'
    where
        states.from_number < states.to_number
{%- endmacro %}


{#
    Calendar dates of a relation with date_number, how many state dates lie before them: that is the
    number of the first state date which is not earlier.
#}
{% macro number_days(days, state_dates) -%}
    select
        days.calendar_date,
        count(state_dates.state_date) as date_number
    from {{ days }} as days
    left join {{ state_dates }} as state_dates
        on days.calendar_date > state_dates.state_date
    where days.calendar_date is not null
    group by days.calendar_date
{%- endmacro %}


{# The bits of a number up to which dates of a block count: below `date_number`, of 60 dates. #}
{% macro bits_below(date_number, date_block) -%}
    cast(
        power(2, least(greatest({{ date_number }} - 60 * {{ date_block }}, 0), 60)) as bigint
    )
{%- endmacro %}


{#
    Whether a state fulfils a condition on its attribute. What is not known fulfils none but
    `is null`: it is neither equal to a value nor different from one.
#}
{% macro fulfils_condition() -%}
    case conditions.operator
        {%- for operators, comparison in [
            (['=', 'in'], '='), (['<>', 'not in'], '<>')
        ] %}
        {%- for operator in operators %}
        when '{{ operator }}'
            then coalesce(
                states.text_value {{ comparison }} conditions.text_value,
                states.number_value {{ comparison }} conditions.number_value
            )
        {%- endfor %}
        {%- endfor %}
        {%- for operator in ['<', '<=', '>', '>='] %}
        when '{{ operator }}' then states.number_value {{ operator }} conditions.number_value
        {%- endfor %}
        when 'is null' then states.text_value is null and states.number_value is null
        when 'is not null' then states.text_value is not null or states.number_value is not null
    end
{%- endmacro %}
