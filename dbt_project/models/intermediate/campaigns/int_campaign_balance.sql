{#- A group of which chance would put fewer into an arm is no evidence by itself. -#}
{%- set min_expected = 5 %}

with

strata as (
    select * from {{ ref('int_campaign_strata') }}
),

sum_pre as (
    select
        campaign_id,
        variant,
        segment,
        sum(n_treated) as n_treated,
        sum(n_control) as n_control,
        sum(treated_pre) as treated_pre,
        sum(control_pre) as control_pre
    from strata
    where metric = 'purchase_rate'
    group by campaign_id, variant, segment
),

-- Chance drew the arms when they are alike before the send: in the share of buyers just before it,
-- and in their groups. Of a group that chance would hardly put into an arm nothing can be told: such
-- groups are taken together.
count_groups as (
    select
        campaign_id,
        variant,
        segment,
        rfm_group,
        sum(n_treated) as n_treated,
        sum(n_control) as n_control,
        sum(sum(n_treated)) over (partition by campaign_id, variant, segment) as all_treated,
        sum(sum(n_control)) over (partition by campaign_id, variant, segment) as all_control
    from strata
    where metric = 'purchase_rate'
    group by campaign_id, variant, segment, rfm_group
),

join_small_groups as (
    select
        campaign_id,
        variant,
        segment,
        all_treated,
        all_control,
        sum(n_treated) as n_treated,
        sum(n_control) as n_control
    from count_groups
    where all_treated > 0 and all_control > 0
    group by
        campaign_id,
        variant,
        segment,
        all_treated,
        all_control,
        case
            when
                (n_treated + n_control) * least(all_treated, all_control)
                >= {{ min_expected }} * (all_treated + all_control)
                then rfm_group
        end
),

-- Pearson's chi-square, as normal deviate by Wilson and Hilferty (1931).
find_group_differences as (
    select
        campaign_id,
        variant,
        segment,
        count(*) - 1 as degrees,
        cast(sum(cast(round(
            (cast(n_treated as double) * all_control - cast(n_control as double) * all_treated)
            * (cast(n_treated as double) * all_control - cast(n_control as double) * all_treated)
            / all_treated / all_control / (n_treated + n_control), 12
        ) as decimal(38, 12))) as double) as chi_square
    from join_small_groups
    group by campaign_id, variant, segment
),

final as (
    select
        cells.campaign_id,
        cells.variant,
        cells.segment,
        case
            when
                (cells.treated_pre + cells.control_pre) * least(cells.n_treated, cells.n_control)
                >= {{ min_expected }} * (cells.n_treated + cells.n_control)
                then round({{ two_share_z(
                    'cells.treated_pre', 'cells.n_treated', 'cells.control_pre', 'cells.n_control'
                ) }}, 9)
        end as pre_z,
        case
            when groups.degrees > 0
                then round({{ chi_square_z('groups.chi_square', 'groups.degrees') }}, 9)
        end as groups_z
    from sum_pre as cells
    left join find_group_differences as groups
        on
            cells.campaign_id = groups.campaign_id
            and cells.variant = groups.variant
            and cells.segment = groups.segment
    where cells.n_treated > 0 and cells.n_control > 0
)

select * from final
