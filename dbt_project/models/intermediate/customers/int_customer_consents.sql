with

consents as (
    select * from {{ ref('stg_email__consents') }}
    where occurred_date <= {{ as_of_date() }}
),

subscribers as (
    select * from {{ ref('stg_email__subscribers') }}
    where {{ company_date('consented_at') }} <= {{ as_of_date() }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
    where source_system = 'email'
),

-- A subscription that says when consent was given is a grant to marketing by e-mail.
list_acts as (
    select
        subscriber_id_hash,
        purpose,
        channel,
        action,
        occurred_at,
        source as consent_source,
        wording_version,
        consent_id
    from consents
    union all
    select
        subscriber_id_hash,
        '{{ var("marketing_purpose") }}' as purpose,
        'email' as channel,
        'granted' as action,
        consented_at as occurred_at,
        consent_source,
        null as wording_version,
        null as consent_id
    from subscribers
),

-- The last act on any address of the customer stands; of two at one instant, the withdrawal.
final as (
    select
        identity_links.customer_key,
        list_acts.purpose,
        list_acts.channel,
        list_acts.action = 'granted' as is_granted,
        list_acts.occurred_at as changed_at,
        min(list_acts.occurred_at) over (
            partition by identity_links.customer_key, list_acts.purpose, list_acts.channel
        ) as first_changed_at,
        list_acts.consent_source,
        list_acts.wording_version
    from list_acts
    inner join identity_links on list_acts.subscriber_id_hash = identity_links.source_id
    qualify row_number() over (
        partition by identity_links.customer_key, list_acts.purpose, list_acts.channel
        order by
            list_acts.occurred_at desc nulls last,
            list_acts.action desc nulls last,
            list_acts.consent_id asc nulls last,
            list_acts.consent_source asc nulls last
    ) = 1
)

select * from final
