with

tickets as (
    select * from {{ ref('int_tickets') }}
    where customer_key is not null
),

ratings as (
    select * from {{ ref('int_ticket_ratings') }}
    where customer_key is not null
),

sum_tickets as (
    select
        customer_key,
        count(*) filter (where {{ in_window('created_date', 365) }}) as tickets_365d,
        count(*) filter (where not is_solved and not is_merged) as open_tickets,
        count(*) filter (
            where ticket_type = 'complaint' and {{ in_window('created_date', 365) }}
        ) as complaints_365d,
        max(created_at) as last_contact_at,
        round(median(first_reply_minutes) filter (where not is_merged), 9)
            as median_first_reply_min
    from tickets
    group by customer_key
),

number_ratings as (
    select
        *,
        row_number() over (
            partition by customer_key
            order by rated_at desc nulls last, rating_id desc nulls last
        ) as rating_rank
    from ratings
),

sum_ratings as (
    select
        customer_key,
        max(csat_score) filter (where rating_rank = 1) as csat_last,
        count(*) filter (where {{ in_window('rated_date', 365) }}) as ratings_365d,
        count(*) filter (where is_good and {{ in_window('rated_date', 365) }})
            as good_ratings_365d
    from number_ratings
    group by customer_key
),

final as (
    select
        sum_tickets.*,
        sum_ratings.csat_last,
        coalesce(sum_ratings.ratings_365d, 0) as ratings_365d,
        coalesce(sum_ratings.good_ratings_365d, 0) as good_ratings_365d
    from sum_tickets
    left join sum_ratings on sum_tickets.customer_key = sum_ratings.customer_key
)

select * from final
