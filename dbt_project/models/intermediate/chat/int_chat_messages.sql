with

messages as (
    select * from {{ ref('stg_support__messages') }}
    where created_date <= {{ as_of_date() }}
),

conversations as (
    select * from {{ ref('int_chat_conversations') }}
),

final as (
    select
        messages.message_id,
        messages.ticket_id,
        conversations.customer_key,
        messages.author_type,
        -- Customers have no id but their key, and bots are not told apart.
        case when messages.author_type = 'agent' then messages.author_id end as agent_id,
        messages.is_public,
        messages.intent,
        messages.created_at,
        messages.created_date,
        row_number() over in_conversation as message_no,
        {{ seconds_between('lag(messages.created_at) over in_conversation', 'messages.created_at') }}
            as seconds_since_previous
    from messages
    inner join conversations on messages.ticket_id = conversations.ticket_id
    window
        in_conversation as (
            partition by messages.ticket_id
            order by messages.created_at asc nulls last, messages.message_id asc nulls last
        )
)

select * from final
