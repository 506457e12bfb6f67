with

subscribers as (
    select * from {{ ref('stg_email__subscribers') }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
    where source_system = 'email'
),

-- A customer's last word counts, whichever address it was given for. A bounce is no word of theirs
-- and does not speak while they have an address that works.
final as (
    select
        identity_links.customer_key,
        subscribers.status as email_status
    from subscribers
    inner join identity_links on subscribers.subscriber_id_hash = identity_links.source_id
    qualify row_number() over (
        partition by identity_links.customer_key
        order by
            case when subscribers.status = 'bounced' then 1 else 0 end asc nulls last,
            subscribers.updated_at desc nulls last,
            subscribers.subscriber_id_hash asc nulls last
    ) = 1
)

select * from final
