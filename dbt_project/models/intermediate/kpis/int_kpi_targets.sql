with

targets as (
    select * from {{ source('plans', 'kpi_targets') }}
),

definitions as (
    select * from {{ ref('kpi_definitions') }}
),

final as (
    select
        targets.line,
        targets.kpi,
        targets.scope_type,
        targets.scope_key,
        targets.period_start,
        targets.period_end,
        -- The last day that counts so far; NULL while the period has not begun.
        case
            when targets.period_start <= {{ as_of_date() }}
                then least(targets.period_end, {{ as_of_date() }})
        end as measured_to,
        targets.basis,
        targets.target as target_raw,
        coalesce(targets.direction, definitions.direction) as direction,
        targets.campaign_id,
        targets.note,
        definitions.subject,
        definitions.kind,
        definitions.unit,
        definitions.of_stores,
        definitions.settles,
        definitions.never_falls
    from targets
    left join definitions on targets.kpi = definitions.kpi
)

select * from final
