with

responses as (
    select * from {{ ref('stg_support__survey_responses') }}
    where responded_date <= {{ as_of_date() }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
),

-- The member id says best who answered. An answer that gives an address alone has no customer yet,
-- but two of one address are of one respondent.
final as (
    select
        responses.response_id,
        responses.survey_id,
        responses.wave,
        responses.question_code,
        coalesce(of_members.customer_key, of_requesters.customer_key) as customer_key,
        coalesce(
            of_members.customer_key,
            of_requesters.customer_key,
            responses.email_hash,
            responses.response_id
        ) as respondent_id,
        responses.score,
        responses.responded_date,
        responses.responded_at
    from responses
    left join identity_links as of_members
        on
            of_members.source_system = 'pos'
            and responses.member_id_hash = of_members.source_id
    left join identity_links as of_requesters
        on
            of_requesters.source_system = 'support'
            and responses.requester_id_hash = of_requesters.source_id
)

select * from final
