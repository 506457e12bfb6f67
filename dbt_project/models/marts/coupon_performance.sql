{#- Two-sided 95 % of the normal distribution. -#}
{%- set z = 1.959963985 -%}

with

counts as (
    select * from {{ ref('int_coupon_counts') }}
),

effects as (
    select * from {{ ref('int_coupon_effects') }}
),

name_rows as (
    select
        *,
        'k' || substr(md5(coalesce(campaign_id, '') || '|' || coupon_name), 1, 24) as coupon_key,
        case coupon_name when 'all' then 'all' when '(personal)' then 'personal' else 'shared' end
            as coupon_kind,
        case when last_expires_at is not null then last_expires_at < {{ as_of_end() }} end
            as is_complete
    from counts
),

-- Few people prove nothing, and without a hold-out only before and after could be compared.
judge_effects as (
    select
        name_rows.*,
        effects.treated,
        effects.held_out,
        effects.margin_treated,
        effects.margin_held_out,
        effects.difference,
        effects.standard_error,
        case
            when name_rows.coupon_kind <> 'all' or name_rows.campaign_id is null
                then cast(null as varchar)
            when
                effects.treated >= {{ var('min_recipients') }}
                and effects.held_out >= {{ var('min_recipients') }}
                and effects.covered_amount > 0
                then 'randomised'
            else 'before_after_only'
        end as evidence_grade
    from name_rows
    left join effects
        on name_rows.campaign_id = effects.campaign_id and name_rows.coupon_kind = 'all'
),

final as (
    select
        coupon_key,
        campaign_id,
        coupon_name as coupon_code,
        coupon_kind,
        first_issued_at,
        last_expires_at,
        is_complete,
        cast(issued as bigint) as issued,
        cast(case when issued is not null then issued_redeemed end as bigint) as issued_redeemed,
        case when coalesce(is_complete, true) then {{ ratio('issued_redeemed', 'issued') }} end
            as redemption_rate,
        cast(case when last_expires_at is not null then expired_unredeemed end as bigint)
            as expired_unredeemed,
        case when is_complete then {{ ratio('expired_unredeemed', 'issued') }} end
            as expired_share,
        {{ count_or_zero('redemptions') }} as redemptions,
        case when issued is not null then {{ count_or_zero('redeemed_by_recipients') }} end
            as redeemed_by_recipients,
        case when issued is not null then {{ count_or_zero('redeemed_by_others') }} end
            as redeemed_by_others,
        {{ count_or_zero('redeemed_unidentified') }} as redeemed_unidentified,
        cast(discount_amount as decimal(18, 2)) as discount_amount,
        {{ count_or_zero('orders') }} as orders,
        {{ count_or_zero('orders_new') }} as orders_new,
        {{ amount_or_zero('net_sales') }} as net_sales,
        cast(case when covered_amount > 0 then margin end as decimal(18, 2)) as margin,
        cast({{ ratio('covered_amount', 'total_amount') }} as double) as cost_coverage,
        cast(treated as bigint) as treated,
        cast(held_out as bigint) as held_out,
        {%- for arm in ['treated', 'held_out'] %}
        cast(
            case when evidence_grade = 'randomised' then margin_{{ arm }} end as decimal(18, 2)
        ) as margin_{{ arm }},
        {%- endfor %}
        {%- for column, value in {
            'incremental_margin_per_person': 'difference',
            'incremental_margin_per_person_low': 'difference - ' ~ z ~ ' * standard_error',
            'incremental_margin_per_person_high': 'difference + ' ~ z ~ ' * standard_error',
        }.items() %}
        cast(
            case when evidence_grade = 'randomised' then round({{ value }}, 2) end
            as decimal(18, 2)
        ) as {{ column }},
        {%- endfor %}
        {%- for column, value in {
            'incremental_margin': 'difference',
            'incremental_margin_low': 'difference - ' ~ z ~ ' * standard_error',
            'incremental_margin_high': 'difference + ' ~ z ~ ' * standard_error',
        }.items() %}
        cast(
            case when evidence_grade = 'randomised' then round(({{ value }}) * treated) end
            as decimal(18, 2)
        ) as {{ column }},
        {%- endfor %}
        evidence_grade
    from judge_effects
)

select * from final
