with

scores as (
    select 1 as score
    union all select 2
    union all select 3
    union all select 4
    union all select 5
),

combine_scores as (
    select
        cast(r.score as bigint) as r_score,
        cast(f.score as bigint) as f_score,
        cast(m.score as bigint) as m_score,
        {{ fm_score('f.score', 'm.score') }} as fm_score
    from scores as r
    cross join scores as f
    cross join scores as m
),

final as (
    select
        *,
        {{ rfm_group('r_score', 'fm_score') }} as rfm_group
    from combine_scores
)

select * from final
