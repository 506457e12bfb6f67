with

attendances as (
    select * from {{ ref('stg_email__attendances') }}
    where action_date <= {{ as_of_date() }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
),

final as (
    select
        attendances.attendance_id,
        attendances.campaign_id,
        attendances.action,
        attendances.occurred_at,
        attendances.action_date,
        attendances.store_id,
        coalesce(attendances.subscriber_id_hash, attendances.member_id_hash) as entry_id,
        coalesce(of_subscribers.customer_key, of_members.customer_key) as customer_key,
        coalesce(
            of_subscribers.customer_key,
            of_members.customer_key,
            attendances.subscriber_id_hash,
            attendances.member_id_hash
        ) as person_id
    from attendances
    left join identity_links as of_subscribers
        on
            of_subscribers.source_system = 'email'
            and attendances.subscriber_id_hash = of_subscribers.source_id
    left join identity_links as of_members
        on
            of_members.source_system = 'pos'
            and attendances.member_id_hash = of_members.source_id
)

select * from final
