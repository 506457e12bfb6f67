with

ratings as (
    select * from {{ ref('stg_support__satisfaction_ratings') }}
    where score is not null and coalesce(rated_date, offered_date) <= {{ as_of_date() }}
),

tickets as (
    select * from {{ ref('stg_support__tickets') }}
    where created_date <= {{ as_of_date() }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
    where source_system = 'support'
),

final as (
    select
        ratings.rating_id,
        ratings.ticket_id,
        identity_links.customer_key,
        ratings.score as csat_score,
        ratings.score >= 4 as is_good,
        coalesce(ratings.rated_date, ratings.offered_date) as rated_date,
        coalesce(ratings.rated_at, ratings.offered_at) as rated_at
    from ratings
    inner join tickets on ratings.ticket_id = tickets.ticket_id
    left join identity_links on tickets.requester_id_hash = identity_links.source_id
)

select * from final
