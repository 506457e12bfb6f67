{#
    What the touches of each customer tell, as the whole body of a CTE. It reads published facts,
    which no intermediate model may do.
#}
{% macro touches_by_customer(touchpoints) -%}
    with

    sums as (
        select
            customer_key,
            count(*) as touchpoints,
            count(*) filter (where {{ in_window('business_date', 90) }}) as touchpoints_90d,
            min(business_date) as aware_on,
            min(occurred_at) as aware_at,
            max(occurred_at) as last_touchpoint_at,
            min(occurred_at) filter (where touchpoint_type in {{ touchpoint_types_with('act') }})
                as first_act_at,
            min(occurred_at) filter (where touchpoint_type = 'referral') as first_referral_at
        from {{ touchpoints }}
        group by customer_key
    ),

    ends as (
        select
            touchpoints.customer_key,
            touchpoints.channel,
            touchpoints.touchpoint_type,
            touchpoints.occurred_at = sums.aware_at as is_first,
            touchpoints.occurred_at = sums.last_touchpoint_at as is_last
        from {{ touchpoints }} as touchpoints
        inner join sums on touchpoints.customer_key = sums.customer_key
        where touchpoints.occurred_at in (sums.aware_at, sums.last_touchpoint_at)
        qualify row_number() over (
            partition by touchpoints.customer_key, touchpoints.occurred_at
            order by touchpoints.touchpoint_id asc nulls last
        ) = 1
    ),

    pivoted_ends as (
        select
            customer_key,
            max(channel) filter (where is_first) as first_touch_channel,
            max(channel) filter (where is_last) as last_touchpoint_channel,
            max(touchpoint_type) filter (where is_last) as last_touchpoint_type
        from ends
        group by customer_key
    )

    select
        sums.*,
        pivoted_ends.first_touch_channel,
        pivoted_ends.last_touchpoint_channel,
        pivoted_ends.last_touchpoint_type
    from sums
    left join pivoted_ends on sums.customer_key = pivoted_ends.customer_key
{%- endmacro %}


{# Of each customer the first date on which they were seen among the best, as the body of a CTE. #}
{% macro loyal_dates_by_customer(rfm_history, rfm) -%}
    select
        customer_key,
        min(loyal_on) as loyal_on
    from (
        select customer_key, month_end as loyal_on
        from {{ rfm_history }}
        where rfm_window = 'lifetime' and rfm_group in {{ loyal_groups() }}
        union all
        select customer_key, coalesce(group_changed_on, {{ as_of_date() }})
        from {{ rfm }}
        where rfm_window = 'lifetime' and rfm_group in {{ loyal_groups() }}
    ) as states
    group by customer_key
{%- endmacro %}


{# Groups of RFM whose customers are loyal. #}
{% macro loyal_groups() -%}
    ('CHAMPIONS', 'LOYAL')
{%- endmacro %}


{# Customers whose journey is worked out in a night, for inputs of the tables that are kept by customer. #}
{% macro is_touched_customer(column='customer_key') -%}
    {{ is_touched(column, 'customer_key', 'int_touched_customers', 'int_journey_prints') }}
{%- endmacro %}
