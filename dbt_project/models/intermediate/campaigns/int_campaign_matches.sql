{#- Fewer people of a stratum in one arm are not compared with those in the other. -#}
{%- set min_stratum = 5 -%}
{%- set cell = ['campaign_id', 'variant', 'segment', 'metric'] %}

with

strata as (
    select * from {{ ref('int_campaign_strata') }}
),

-- Each stratum is compared within itself and weighs as its treated people do. Their differences and
-- squared errors are rounded before they are added up, so that no order of adding shows.
weigh_strata as (
    select
        *,
        cast(n_treated as double) / sum(n_treated) over (
            partition by {{ cell | join(', ') }}
        ) as weight
    from strata
    where n_treated >= {{ min_stratum }} and n_control >= {{ min_stratum }}
),

final as (
    select
        {{ cell | join(', ') }},
        cast(sum(n_treated) as bigint) as n_compared,
        cast(sum(n_control) as bigint) as n_compared_control,
        sum(treated_post + control_post) as post,
        sum(treated_post_squares + control_post_squares) as post_squares,
        {%- for sum in ['treated_post', 'control_post', 'treated_pre', 'control_pre'] %}
        {%- set n = 'n_' ~ sum.split('_')[0] %}
        cast(sum(
            cast(round(weight * cast({{ sum }} as double) / {{ n }}, 12) as decimal(38, 12))
        ) as double) as {{ sum }}_mean,
        {%- endfor %}
        1 / cast(sum(
            cast(round(weight * weight / n_control, 18) as decimal(38, 18))
        ) as double) as control_weight,
        cast(sum(cast(round(
            weight * weight * (
                {{ squared_error(
                    'n_treated', '(treated_post - treated_pre)', 'treated_change_squares'
                ) }}
                + {{ squared_error(
                    'n_control', '(control_post - control_pre)', 'control_change_squares'
                ) }}
            ), 12
        ) as decimal(38, 12))) as double) as did_squared_error
    from weigh_strata
    group by {{ cell | join(', ') }}
)

select * from final
