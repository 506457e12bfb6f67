with

email_events as (
    select * from {{ ref('int_email_events') }}
    where campaign_channel = 'email'
),

-- A person counts once a campaign, on the day of the first reaction of a kind, however often a
-- message was opened: so the days of a period add up to its people.
find_first_reactions as (
    select
        min(event_date) filter (where event_type = 'delivered') as delivered_on,
        min(event_date) filter (where event_type in ('delivered', 'bounce_hard', 'bounce_soft'))
            as sent_on,
        min(event_date) filter (where event_type = 'bounce_hard') as hard_bounced_on,
        min(event_date) filter (where is_human_open) as opened_on,
        min(event_date) filter (where event_type = 'click' and not is_machine) as clicked_on,
        min(event_date) filter (where event_type = 'unsubscribe') as unsubscribed_on
    from email_events
    group by coalesce(customer_key, event_id), coalesce(campaign_id, event_id)
),

count_reactions as (
    {%- for reaction in [
        'delivered', 'sent', 'hard_bounced', 'opened', 'clicked', 'unsubscribed'
    ] %}
    select {{ reaction }}_on as business_date, '{{ reaction }}' as reaction, count(*) as people
    from find_first_reactions
    where {{ reaction }}_on is not null
    group by {{ reaction }}_on
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

measure_emails as (
    select
        business_date,
        'all' as scope_type,
        'all' as scope_key,
        {%- for reaction in [
            'delivered', 'sent', 'hard_bounced', 'opened', 'clicked', 'unsubscribed'
        ] %}
        coalesce(sum(people) filter (where reaction = '{{ reaction }}'), 0) as {{ reaction }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from count_reactions
    group by business_date
),

final as (
    {{ kpi_rows('measure_emails', {
        'email_human_open_rate': ('opened', 'delivered'),
        'ctr': ('clicked', 'delivered'),
        'unsub_rate': ('unsubscribed', 'delivered'),
        'hard_bounce_rate': ('hard_bounced', 'sent'),
    }) }}
)

select * from final
