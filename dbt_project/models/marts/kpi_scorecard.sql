{%- set parts = [
    'actual', 'start', 'previous', 'year_before', 'comparable', 'comparable_before',
    'before_campaign', 'after_campaign',
] -%}

with

targets as (
    select * from {{ ref('int_kpi_targets') }}
),

resolved_targets as (
    select * from {{ ref('kpi_target') }}
),

business_days as (
    select * from {{ ref('int_kpi_business_days') }}
),

values_of_parts as (
    select * from {{ ref('int_kpi_period_values') }}
),

turn_parts as (
    select
        line,
        max(numerator) filter (where part = 'actual') as actual_numerator,
        max(denominator) filter (where part = 'actual') as actual_denominator,
        max(scopes) filter (where part = 'comparable') as comparable_stores,
        {%- for part in parts %}
        max(value) filter (where part = '{{ part }}') as {{ part }}_value
        {{- ',' if not loop.last }}
        {%- endfor %}
    from values_of_parts
    group by line
),

join_values as (
    select
        targets.*,
        resolved_targets.base_value,
        resolved_targets.target_value,
        business_days.business_days,
        business_days.elapsed_business_days,
        cast(business_days.elapsed_business_days as double)
        / nullif(business_days.business_days, 0) as elapsed_share,
        turn_parts.actual_numerator,
        turn_parts.actual_denominator,
        turn_parts.comparable_stores,
        {%- for part in parts %}
        turn_parts.{{ part }}_value
        {{- ',' if not loop.last }}
        {%- endfor %}
    from targets
    inner join resolved_targets on targets.line = resolved_targets.plan_line
    inner join business_days on targets.line = business_days.line
    left join turn_parts on targets.line = turn_parts.line
),

-- What adds up, and what counts from the month's first day, grows day by day; of a stock the growth
-- since the period began does; a rate has to be where it shall be from the first day on.
pace_targets as (
    select
        *,
        round(
            case
                when measured_to is null then null
                when kind in ('additive', 'month_rate') then target_value * elapsed_share
                when kind = 'stock' or basis = 'delta_from_start'
                    then coalesce(
                        start_value + (target_value - start_value) * elapsed_share, target_value
                    )
                else target_value
            end,
            9
        ) as pace_target
    from join_values
),

compare_values as (
    select
        *,
        case direction
            when 'up' then actual_value >= target_value else actual_value <= target_value
        end as is_reached,
        case direction
            when 'up' then actual_value >= pace_target else actual_value <= pace_target
        end as is_on_pace
    from pace_targets
),

final as (
    select
        kpi,
        scope_type,
        scope_key,
        period_start,
        period_end,
        unit,
        direction,
        basis,
        base_value,
        target_value,
        measured_to,
        actual_numerator,
        actual_denominator,
        actual_value as actual_to_date,
        case direction
            when 'up' then {{ ratio('actual_value', 'target_value') }}
            else {{ ratio('target_value', 'actual_value') }}
        end as achievement,
        cast(business_days as bigint) as business_days,
        cast(elapsed_business_days as bigint) as elapsed_business_days,
        pace_target,
        case
            when is_reached is null then null
            when measured_to = period_end then case when is_reached then 'met' else 'missed' end
            when never_falls and is_reached and direction = 'up' then 'met'
            when never_falls and not is_reached and direction = 'down' then 'missed'
            when is_on_pace then 'on_track'
            when not is_on_pace then 'behind'
        end as status,
        measured_to is not null and measured_to = period_end
        and not (settles and period_end >= {{ window_start(var('refund_settle_days')) }})
            as is_final,
        previous_value as prev_period_value,
        year_before_value as yoy_value,
        {{ ratio('actual_value - year_before_value', 'year_before_value') }} as yoy_change,
        cast(comparable_stores as bigint) as comparable_stores,
        comparable_value,
        comparable_before_value as comparable_yoy_value,
        {{ ratio('comparable_value - comparable_before_value', 'comparable_before_value') }}
            as comparable_yoy_change,
        campaign_id,
        before_campaign_value as pre_value,
        after_campaign_value as post_value,
        note
    from compare_values
)

select * from final
