{#- A difference between the arms before the send that chance brings about once in a thousand. -#}
{%- set balance_limit = 3.29 -%}
{#- Share of the treated who must have their like among the held-out. -#}
{%- set min_compared_share = 0.8 -%}
{%- set z = normal_quantile() -%}
{%- set cell = ['campaign_id', 'variant', 'segment', 'metric'] -%}
{%- set sums = [
    'treated_pre', 'treated_post', 'treated_yoy', 'treated_post_squares',
    'treated_change_squares', 'control_pre', 'control_post', 'control_post_squares',
    'control_change_squares'
] %}

with

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

strata as (
    select * from {{ ref('int_campaign_strata') }}
),

balance as (
    select * from {{ ref('int_campaign_balance') }}
),

matches as (
    select * from {{ ref('int_campaign_matches') }}
),

receipts as (
    select * from {{ ref('int_receipts') }}
),

find_first_date as (
    select min(business_date) as first_date from receipts
),

find_windows as (
    select
        campaigns.campaign_id,
        campaigns.sent_date,
        {{ add_days('campaigns.sent_date', -effect_days()) }} as pre_from_date,
        {{ add_days('campaigns.sent_date', effect_days() - 1) }} as post_to_date,
        find_first_date.first_date
    from campaigns
    cross join find_first_date
),

sum_cells as (
    select
        {{ cell | join(', ') }},
        cast(sum(n_treated) as bigint) as n_treated,
        cast(sum(n_control) as bigint) as n_control,
        cast(sum(n_in_both) as bigint) as n_in_both
        {%- for sum in sums %},
        sum({{ sum }}) as {{ sum }}
        {%- endfor %}
    from strata
    group by {{ cell | join(', ') }}
),

-- Where the arms of a campaign differ, chance did not draw them in any of its groups, even one too
-- small to tell.
grade_cells as (
    select
        cells.*,
        windows.sent_date,
        windows.pre_from_date,
        windows.post_to_date,
        windows.post_to_date <= {{ as_of_date() }} as is_complete,
        windows.pre_from_date >= windows.first_date as has_pre,
        {{ add_days('windows.sent_date', -364) }} >= windows.first_date as has_yoy,
        greatest(abs(balance.pre_z), balance.groups_z) as balance_z,
        case
            when
                least(cells.n_treated, cells.n_control) < {{ var('min_recipients') }}
                or windows.pre_from_date < windows.first_date
                then 'before_after_only'
            when
                coalesce(greatest(
                    abs(balance.pre_z), balance.groups_z, abs(whole.pre_z), whole.groups_z
                ), 0) <= {{ balance_limit }}
                then 'randomised'
            when
                compared.n_compared >= {{ min_compared_share }} * cells.n_treated
                and least(compared.n_compared, compared.n_compared_control)
                >= {{ var('min_recipients') }}
                then 'matched'
            else 'before_after_only'
        end as evidence_grade,
        compared.n_compared,
        compared.treated_post_mean as matched_treated_post,
        compared.control_post_mean as matched_control_post,
        compared.treated_pre_mean as matched_treated_pre,
        compared.control_pre_mean as matched_control_pre,
        compared.control_weight as matched_control_weight,
        compared.post as matched_post,
        compared.post_squares as matched_post_squares,
        compared.did_squared_error as matched_did_squared_error
    from sum_cells as cells
    inner join find_windows as windows on cells.campaign_id = windows.campaign_id
    left join balance
        on
            cells.campaign_id = balance.campaign_id
            and cells.variant = balance.variant
            and cells.segment = balance.segment
    left join balance as whole
        on
            cells.campaign_id = whole.campaign_id
            and cells.variant = whole.variant
            and whole.segment = 'all'
    left join matches as compared
        on
            cells.campaign_id = compared.campaign_id
            and cells.variant = compared.variant
            and cells.segment = compared.segment
            and cells.metric = compared.metric
),

-- Values of fewer people than the setting asks for are noise.
divide_sums as (
    select
        *,
        is_complete and evidence_grade = 'randomised' as is_randomised,
        is_complete and evidence_grade = 'matched' as is_matched,
        case when has_pre and n_treated >= {{ var('min_recipients') }}
            then {{ ratio('treated_pre', 'n_treated') }} end as pre_value,
        case when is_complete and n_treated >= {{ var('min_recipients') }}
            then {{ ratio('treated_post', 'n_treated') }} end as post_value,
        case when has_yoy and n_treated >= {{ var('min_recipients') }}
            then {{ ratio('treated_yoy', 'n_treated') }} end as yoy_value,
        case when evidence_grade <> 'before_after_only'
            then {{ ratio('control_pre', 'n_control') }} end as control_pre_value,
        case when is_complete and evidence_grade <> 'before_after_only'
            then {{ ratio('control_post', 'n_control') }} end as control_post_value
    from grade_cells
),

compare_arms as (
    select
        *,
        case
            when is_randomised then cast(treated_post as double) / n_treated
            when is_matched then matched_treated_post
        end as treated_mean,
        case
            when is_randomised then cast(control_post as double) / n_control
            when is_matched then matched_control_post
        end as control_mean,
        case
            when is_randomised
                then
                    cast(treated_post - treated_pre as double) / n_treated
                    - cast(control_post - control_pre as double) / n_control
            when is_matched
                then
                    matched_treated_post - matched_treated_pre
                    - matched_control_post + matched_control_pre
        end as did,
        case when is_randomised then n_treated when is_matched then n_compared end as n_lifted,
        case when is_randomised then n_control when is_matched then matched_control_weight end
            as control_weight,
        coalesce(
            case
                when is_randomised
                    then
                        cast(treated_post_squares + control_post_squares as double)
                        / nullif(cast(treated_post + control_post as double), 0)
                when is_matched
                    then
                        cast(matched_post_squares as double)
                        / nullif(cast(matched_post as double), 0)
            end,
            case when metric = 'purchase_rate' then 1.0 end
        ) as spread,
        case
            when is_randomised
                then sqrt(
                    {{ squared_error(
                        'n_treated', '(treated_post - treated_pre)', 'treated_change_squares'
                    ) }}
                    + {{ squared_error(
                        'n_control', '(control_post - control_pre)', 'control_change_squares'
                    ) }}
                )
            when is_matched then sqrt(matched_did_squared_error)
        end as did_error
    from divide_sums
),

-- Few people buy, and some of them a lot: 1.96 standard errors of a mean would claim an effect
-- where there is none. So a sum counts as that many buyers of the mean purchase as vary as much,
-- sum of squares / sum of values each (the scaled Poisson of Bohm and Zech, 2014); for a share
-- that is the buyers themselves.
find_shares as (
    select
        *,
        least(treated_mean / spread, 1.0) as treated_share,
        least(control_mean / spread, 1.0) as control_share
    from compare_arms
),

find_share_ends as (
    select
        *,
        {%- for arm, n in {'treated': 'n_lifted', 'control': 'control_weight'}.items() %}
        {%- for end, sign in {'low': '-', 'high': '+'}.items() %}
        {{ wilson_end(arm ~ '_share', n, sign) }} as {{ arm }}_{{ end }},
        {%- endfor %}
        {%- endfor %}
        treated_mean - control_mean as lift
    from find_shares
),

-- Newcombe's interval of a difference of two shares (1998, method 10) from Wilson's of each.
find_ends as (
    select
        *,
        lift - spread * sqrt(
            (treated_share - treated_low) * (treated_share - treated_low)
            + (control_high - control_share) * (control_high - control_share)
        ) as low,
        lift + spread * sqrt(
            (treated_high - treated_share) * (treated_high - treated_share)
            + (control_share - control_low) * (control_share - control_low)
        ) as high
    from find_share_ends
),

final as (
    select
        campaign_id,
        variant,
        segment,
        metric,
        sent_date,
        pre_from_date,
        post_to_date,
        is_complete,
        evidence_grade,
        balance_z,
        n_treated,
        n_control,
        n_in_both,
        {%- for sum in ['treated_pre', 'treated_post', 'treated_yoy', 'control_pre',
            'control_post'] %}
        cast({{ sum }} as decimal(18, 2)) as {{ sum }},
        {%- endfor %}
        pre_value,
        post_value,
        yoy_value,
        control_pre_value,
        control_post_value,
        case
            when pre_value is not null and post_value is not null
                then {{ ratio('(treated_post - treated_pre)', 'n_treated') }}
        end as naive_change,
        case
            when pre_value is not null and post_value is not null
                then {{ ratio('(treated_post - treated_pre)', 'treated_pre') }}
        end as naive_change_rel,
        n_lifted as n_compared,
        round(control_mean, 9) as baseline_value,
        round(lift, 9) as lift_abs,
        round(low, 9) as lift_low,
        round(high, 9) as lift_high,
        {{ ratio('lift', 'control_mean') }} as lift_rel,
        case when lift is not null then coalesce(round(low, 9) > 0 or round(high, 9) < 0, false) end
            as is_significant,
        round(did, 9) as did,
        round(did - {{ z }} * did_error, 9) as did_low,
        round(did + {{ z }} * did_error, 9) as did_high,
        round(lift * n_lifted, 9) as incremental_total,
        round(low * n_lifted, 9) as incremental_low,
        round(high * n_lifted, 9) as incremental_high
    from find_ends
)

select * from final
