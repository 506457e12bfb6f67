{{ config(materialized='prints', key='event_number') }}

with

email_events as (
    select * from {{ ref('int_email_events') }}
),

final as (
    select
        {{ event_number() }} as event_number,
        {{ message_number() }} as message_number,
        {{ row_hash([
            'event_id', 'campaign_id', 'subscriber_id_hash', 'campaign_channel', 'customer_key',
            'event_type', 'occurred_at', 'event_date', 'is_machine', 'is_human_open'
        ]) }} as print,

        -- Filled in where the versions of two nights are compared.
        cast(0 as bigint) as began,
        cast(null as bigint) as ended
    from email_events
)

select * from final
