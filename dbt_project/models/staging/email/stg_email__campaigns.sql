with

winning_rows as (
    {{ winning_rows('raw_email', 'campaigns') }}
),

final as (
    select
        ---------- ids
        campaign_id,

        ---------- strings
        name,
        channel,
        subject,
        success_metric,

        ---------- numerics
        cost,
        success_threshold,

        ---------- dates
        {{ company_date('sent_at') }} as sent_date,

        ---------- instants
        scheduled_at,
        sent_at,
        success_registered_at

    from winning_rows
)

select * from final
