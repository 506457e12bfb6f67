-- No ticket of LINE or chat that the bot answered first is lost, unless it was merged; and
-- conversations count the messages that the fact has.
with

messages as (
    select * from {{ ref('fct_chat_message') }}
),

conversations as (
    select * from {{ ref('chatbot_conversation') }}
),

bot_tickets as (
    select
        ticket_id,
        min(created_at) filter (where author_type = 'bot') as first_bot_message_at,
        min(created_at) filter (where author_type = 'agent') as first_human_message_at
    from {{ ref('stg_support__messages') }}
    where is_public and created_date <= {{ as_of_date() }}
    group by ticket_id
    having count(*) filter (where author_type = 'bot') > 0
),

lost_conversations as (
    select bot_tickets.ticket_id
    from bot_tickets
    inner join {{ ref('support_ticket') }} as tickets on bot_tickets.ticket_id = tickets.ticket_id
    left join conversations on bot_tickets.ticket_id = conversations.ticket_id
    where
        conversations.ticket_id is null
        and not tickets.is_merged
        and tickets.channel in ('line', 'chat')
        and coalesce(
            bot_tickets.first_bot_message_at < bot_tickets.first_human_message_at, true
        )
),

miscounted_conversations as (
    select conversations.ticket_id
    from conversations
    left join messages on conversations.ticket_id = messages.ticket_id
    group by
        conversations.ticket_id,
        conversations.bot_messages,
        conversations.customer_messages,
        conversations.human_messages
    having
        count(messages.message_id) filter (where messages.is_public)
        <> conversations.bot_messages
        + conversations.customer_messages
        + conversations.human_messages
)

select ticket_id from lost_conversations
union all
select ticket_id from miscounted_conversations
