{#
    Kinds of touches. `direction` is who began it: the customer (in) or the retailer (out). An `act`
    is something that somebody does who looks closer; leaving is none. An `echo` is a message that
    the retailer sends whether or not anybody reacts: it is no event of a journey.
#}
{% macro touchpoint_types() -%}
    {{ return({
        'message_delivered': {'direction': 'out', 'echo': true},
        'message_opened': {'direction': 'in', 'act': true},
        'message_clicked': {'direction': 'in', 'act': true},
        'unsubscribed': {'direction': 'in'},
        'spam_reported': {'direction': 'in'},
        'joined': {'direction': 'in', 'act': true},
        'left': {'direction': 'in'},
        'referral': {'direction': 'in', 'act': true},
        'line_followed': {'direction': 'in', 'act': true},
        'line_blocked': {'direction': 'in'},
        'coupon_issued': {'direction': 'out', 'echo': true},
        'coupon_redeemed': {'direction': 'in', 'act': true},
        'sample_received': {'direction': 'in', 'act': true},
        'trial_started': {'direction': 'in', 'act': true},
        'purchase': {'direction': 'in', 'act': true},
        'return': {'direction': 'in'},
        'ticket_opened': {'direction': 'in', 'act': true},
        'ticket_solved': {'direction': 'out'},
        'rated': {'direction': 'in', 'act': true},
        'survey_answered': {'direction': 'in', 'act': true},
        'event_registered': {'direction': 'in', 'act': true},
        'event_attended': {'direction': 'in', 'act': true},
    }) }}
{%- endmacro %}


{# The kinds with a trait, `act` or `echo`, as an SQL list. #}
{% macro touchpoint_types_with(trait) -%}
    {%- set names = [] -%}
    {%- for name, traits in touchpoint_types().items() if traits.get(trait) -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    ('{{ names | join("', '") }}')
{%- endmacro %}


{#
    Touches of one kind from a relation, as one query of a union. `source_id` names the row among
    those of its kind; `columns` say how the others are called there, and what is not said is NULL.
#}
{% macro touchpoints(touchpoint_type, relation, source_id, condition, columns) -%}
    {%- set kind = touchpoint_types()[touchpoint_type] -%}
    select
        't' || substr(md5(concat_ws(':', '{{ touchpoint_type }}', {{ source_id }})), 1, 20)
            as touchpoint_id,
        customer_key,
        {{ columns['occurred_at'] }} as occurred_at,
        {{ columns.get('business_date', company_date(columns['occurred_at'])) }} as business_date,
        '{{ touchpoint_type }}' as touchpoint_type,
        {{ columns['channel'] }} as channel,
        '{{ kind["direction"] }}' as direction,
        {%- for column in ['campaign_id', 'store_id', 'receipt_id', 'ticket_id'] %}
        {{ columns.get(column, 'cast(null as varchar)') }} as {{ column }},
        {%- endfor %}
        cast({{ columns.get('amount', 'null') }} as decimal(18, 2)) as amount,
        cast({{ columns.get('sentiment', 'null') }} as bigint) as sentiment
    from {{ relation }}
    where {{ condition }} and {{ columns['occurred_at'] }} is not null
{%- endmacro %}


{# Stages of a journey in their order; dormancy is beside them, for it ends. #}
{% macro journey_stages() -%}
    {{ return(['aware', 'considering', 'first_purchase', 'repeat', 'loyal', 'advocate']) }}
{%- endmacro %}


{#
    The furthest of `stages` that was reached: the instant in its column `<stage>_at` fulfils the
    condition, in which `{}` stands for the column.
#}
{% macro furthest_stage(stages, condition) -%}
    case
        {%- for stage in stages | reverse %}
        when {{ condition.replace('{}', stage ~ '_at') }} then '{{ stage }}'
        {%- endfor %}
    end
{%- endmacro %}
