with

tickets as (
    select * from {{ ref('stg_support__tickets') }}
),

messages as (
    select * from {{ ref('stg_support__messages') }}
    where created_date <= {{ as_of_date() }}
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
        ticket_id,
        min(created_at) as first_reply_at,
        count(*) as agent_replies
    from number_messages
    where author_type = 'agent' and is_public and message_number > 1
    group by ticket_id
)

select * from final
