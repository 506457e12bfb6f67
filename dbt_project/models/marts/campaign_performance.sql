{#- A verdict before so many days have passed would be one on the fast readers alone. -#}
{%- set verdict_days = 5 -%}

with

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

campaign_counts as (
    select * from {{ ref('int_campaign_counts') }}
),

-- What a channel does not tell is unknown, not 0: only e-mails tell of opens, and letters, coupons
-- and events of no click.
join_campaigns as (
    select
        campaign_counts.campaign_id,
        campaign_counts.variant,
        campaigns.campaign_name,
        campaigns.channel,
        campaigns.first_sent_at,
        campaigns.sent_date,
        {%- for column in [
            'audience', 'holdout', 'sent', 'bounced_hard', 'bounced_soft', 'dropped', 'delivered'
        ] %}
        cast(campaign_counts.{{ column }} as bigint) as {{ column }},
        {%- endfor %}
        {%- for column in ['unique_human_open', 'unique_machine_only_open'] %}
        case when campaigns.channel = 'email' then cast(campaign_counts.{{ column }} as bigint) end
            as {{ column }},
        {%- endfor %}
        {%- for column in ['unique_click', 'unsub', 'complaint'] %}
        case
            when campaigns.channel in ('email', 'line', 'sms')
                then cast(campaign_counts.{{ column }} as bigint)
        end as {{ column }},
        {%- endfor %}
        case when campaign_counts.variant = 'all' then campaigns.cost end as cost,
        campaigns.success_metric,
        campaigns.success_threshold,
        campaigns.success_registered_at as registered_at,
        case
            when campaigns.success_metric is not null and campaigns.success_threshold is not null
                then coalesce(campaigns.success_registered_at < campaigns.first_sent_at, false)
        end as registered_before_send,
        {{ days_between('campaigns.last_sent_date', as_of_date()) }} < {{ verdict_days }}
            as is_too_early
    from campaign_counts
    inner join campaigns on campaign_counts.campaign_id = campaigns.campaign_id
),

divide_counts as (
    select
        *,
        {{ ratio('delivered', 'sent') }} as delivery_rate,
        {{ ratio('unique_human_open', 'delivered') }} as open_rate_human,
        {{ ratio('unique_human_open + unique_machine_only_open', 'delivered') }} as open_rate_all,
        {{ ratio('unique_machine_only_open', 'unique_human_open + unique_machine_only_open') }}
            as machine_only_share,
        {{ ratio('unique_click', 'delivered') }} as click_rate,
        case
            when unique_human_open >= {{ var('min_human_openers') }}
                then {{ ratio('unique_click', 'unique_human_open') }}
        end as click_to_open_rate,
        {{ ratio('bounced_hard', 'sent') }} as hard_bounce_rate,
        {{ ratio('bounced_soft', 'sent') }} as soft_bounce_rate,
        {{ ratio('unsub', 'delivered') }} as unsub_rate,
        {{ ratio('complaint', 'delivered') }} as complaint_rate
    from join_campaigns
),

find_success_values as (
    select
        *,
        case
            {%- for column, metric in success_metrics().items() %}
            when success_metric in ('{{ metric["names"] | join("\', \'") }}') then {{ column }}
            {%- endfor %}
        end as success_value
    from divide_counts
),

judge_values as (
    select
        *,
        case
            when registered_before_send is null then 'no_rule'
            when not registered_before_send then 'not_registered_before_send'
            when success_metric not in {{ success_metric_names() }} then 'unknown_metric'
            when is_too_early then 'too_early'
            when success_value is null then 'not_measurable'
            when success_metric in {{ success_metric_names(less_only=true) }}
                then case when success_value <= success_threshold then 'met' else 'missed' end
            when success_value >= success_threshold then 'met'
            else 'missed'
        end as verdict
    from find_success_values
),

final as (
    select
        campaign_id,
        variant,
        campaign_name,
        channel,
        first_sent_at,
        sent_date,
        audience,
        holdout,
        sent,
        bounced_hard,
        bounced_soft,
        dropped,
        delivered,
        unique_human_open,
        unique_machine_only_open,
        unique_click,
        unsub,
        complaint,
        delivery_rate,
        open_rate_human,
        open_rate_all,
        machine_only_share,
        click_rate,
        click_to_open_rate,
        hard_bounce_rate,
        soft_bounce_rate,
        unsub_rate,
        complaint_rate,
        cost,
        success_metric,
        success_threshold,
        registered_at,
        registered_before_send,
        success_value,
        case verdict when 'met' then true when 'missed' then false end as met_target,
        verdict
    from judge_values
)

select * from final
