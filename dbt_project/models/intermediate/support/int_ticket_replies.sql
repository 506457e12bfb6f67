with

tickets as (
    select * from {{ ref('stg_support__tickets') }}
),

messages as (
    select * from {{ ref('stg_support__messages') }}
    where created_date <= {{ as_of_date() }}
),

solutions as (
    select * from {{ ref('int_ticket_solutions') }}
),

number_messages as (
    select
        messages.*,
        row_number() over (
            partition by messages.ticket_id
            order by messages.created_at asc nulls last, messages.message_id asc nulls last
        ) as message_number
    from messages
    inner join tickets
        on messages.ticket_id = tickets.ticket_id and messages.created_at >= tickets.created_at
),

-- The public message with which an agent opens a ticket is the request, not a reply. Bots and
-- private notes never reply.
final as (
    select
        number_messages.ticket_id,
        min(number_messages.created_at) as first_reply_at,
        min(number_messages.created_at) filter (
            where number_messages.created_at >= solutions.last_reopened_at
        ) as first_reply_since_reopen_at,
        count(*) as agent_replies
    from number_messages
    left join solutions on number_messages.ticket_id = solutions.ticket_id
    where
        number_messages.author_type = 'agent'
        and number_messages.is_public
        and number_messages.message_number > 1
    group by number_messages.ticket_id
)

select * from final
