with

invitations as (
    select * from {{ ref('stg_support__survey_invitations') }}
    where invited_date <= {{ as_of_date() }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
),

final as (
    select
        invitations.invitation_id,
        invitations.survey_id,
        invitations.wave,
        invitations.invited_at,
        coalesce(of_members.customer_key, of_requesters.customer_key) as customer_key,
        coalesce(
            of_members.customer_key, of_requesters.customer_key, invitations.invitation_id
        ) as respondent_id
    from invitations
    left join identity_links as of_members
        on
            of_members.source_system = 'pos'
            and invitations.member_id_hash = of_members.source_id
    left join identity_links as of_requesters
        on
            of_requesters.source_system = 'support'
            and invitations.requester_id_hash = of_requesters.source_id
)

select * from final
