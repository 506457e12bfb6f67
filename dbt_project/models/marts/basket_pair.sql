{#- Twice as often as chance, and surely so: what is weaker is no ground to act upon. -#}
{%- set least_adjusted_lift = 2 -%}
{#- So many standard errors on both sides hold 95 % of a normal distribution. -#}
{%- set standard_errors = 1.959964 -%}

with

pairs as (
    select * from {{ ref('int_basket_pairs') }}
),

keys as (
    select * from {{ ref('int_basket_keys') }}
),

divide_counts as (
    select
        *,
        cast(n_baskets as double) as n,
        cast(n_ab as double) * cast(n_baskets as double) / (cast(n_a as double) * cast(n_b as double))
            as lift,
        cast(n_ab as double) / nullif(cast(expected_n_ab as double), 0) as lift_adjusted
    from pairs
),

-- As factors: of the lift by the delta method for counts of one multinomial draw, of the adjusted
-- lift as though the counts of its items were given.
estimate_errors as (
    select
        *,
        exp({{ standard_errors }} * sqrt(greatest(
            1 / cast(n_ab as double)
            - 1 / cast(n_a as double)
            - 1 / cast(n_b as double)
            + (2 * lift - 1) / n,
            0
        ))) as lift_factor,
        exp({{ standard_errors }} / sqrt(cast(n_ab as double))) as adjusted_factor
    from divide_counts
),

-- Each pair stands for the rule from the one item to the other and for the rule back.
directions as (
    select true as is_forward
    union all
    select false
),

final as (
    select
        '{{ var("basket_days") }}d' as period,
        coalesce(scopes.kind, 'all') as scope_type,
        coalesce(scopes.key, 'all') as scope_key,
        keys_a.kind as level,
        case when directions.is_forward then keys_a.key else keys_b.key end as item_a,
        case when directions.is_forward then keys_b.key else keys_a.key end as item_b,
        pairs.n_baskets,
        case when directions.is_forward then pairs.n_a else pairs.n_b end as n_a,
        case when directions.is_forward then pairs.n_b else pairs.n_a end as n_b,
        pairs.n_ab,
        {{ ratio('pairs.n_ab', 'pairs.n_baskets') }} as support,
        {{ ratio('pairs.n_ab', 'case when directions.is_forward then pairs.n_a else pairs.n_b end') }}
            as confidence,
        round(pairs.lift, 9) as lift,
        round(pairs.lift / pairs.lift_factor, 9) as lift_low,
        round(pairs.lift * pairs.lift_factor, 9) as lift_high,
        round(
            cast(pairs.n_ab as double) / pairs.n
            - cast(pairs.n_a as double) * cast(pairs.n_b as double) / (pairs.n * pairs.n),
            9
        ) as leverage,
        pairs.expected_n_ab,
        round(pairs.lift_adjusted, 9) as lift_adjusted,
        round(pairs.lift_adjusted / pairs.adjusted_factor, 9) as lift_adjusted_low,
        round(pairs.lift_adjusted * pairs.adjusted_factor, 9) as lift_adjusted_high,
        coalesce(pairs.lift_adjusted / pairs.adjusted_factor >= {{ least_adjusted_lift }}, false)
            as is_affinity
    from estimate_errors as pairs
    inner join keys as keys_a on pairs.item_a = keys_a.number
    inner join keys as keys_b on pairs.item_b = keys_b.number
    left join keys as scopes on pairs.scope = scopes.number
    cross join directions
)

select * from final
