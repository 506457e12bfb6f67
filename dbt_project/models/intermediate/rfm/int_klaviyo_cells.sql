with

scores as (
    select 1 as score
    union all select 2
    union all select 3
),

combine_scores as (
    select
        cast(r.score as bigint) as r_score,
        cast(f.score as bigint) as f_score,
        cast(m.score as bigint) as m_score,
        cast(r.score * 100 + f.score * 10 + m.score as varchar(3)) as klaviyo_score
    from scores as r
    cross join scores as f
    cross join scores as m
),

final as (
    select
        *,
        {{ klaviyo_group('klaviyo_score') }} as klaviyo_group
    from combine_scores
)

select * from final
