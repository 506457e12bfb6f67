with

targets as (
    select * from {{ ref('int_kpi_targets') }}
),

bases as (
    select * from {{ ref('int_kpi_period_values') }}
    where part = 'base'
),

final as (
    select
        targets.kpi,
        targets.scope_type,
        targets.scope_key,
        targets.period_start,
        targets.period_end,
        targets.basis,
        targets.target_raw,
        targets.direction,
        bases.value as base_value,
        round(
            case targets.basis
                when 'absolute' then cast(targets.target_raw as double)
                when 'yoy_pct' then bases.value * (1 + cast(targets.target_raw as double) / 100)
                else bases.value + cast(targets.target_raw as double)
            end,
            9
        ) as target_value,
        targets.campaign_id,
        targets.note,
        targets.line as plan_line
    from targets
    left join bases on targets.line = bases.line
)

select * from final
