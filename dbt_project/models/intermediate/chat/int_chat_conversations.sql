{{ config(materialized='table') }}

with

-- The question of a merged ticket goes on in the ticket that took it over.
tickets as (
    select * from {{ ref('int_tickets') }}
    where not is_merged
),

messages as (
    select * from {{ ref('stg_support__messages') }}
    where created_date <= {{ as_of_date() }}
),

events as (
    select * from {{ ref('stg_support__ticket_events') }}
    where occurred_date <= {{ as_of_date() }}
),

find_first_words as (
    select
        ticket_id,
        min(created_at) filter (where is_public) as started_at,
        min(created_at) filter (where is_public and author_type = 'bot') as first_bot_message_at,
        min(created_at) filter (where is_public and author_type = 'agent') as first_human_message_at
    from messages
    group by ticket_id
),

-- Whom a person answered first had no conversation with the bot, whatever it added later.
find_answered_by_bots as (
    select *
    from find_first_words
    where
        first_bot_message_at is not null
        and coalesce(first_bot_message_at < first_human_message_at, true)
),

sum_messages as (
    select
        messages.ticket_id,
        max(messages.created_at) filter (where messages.is_public) as last_message_at,
        min(messages.created_at) filter (where messages.author_type = 'agent')
            as first_human_entry_at,
        count(*) filter (where messages.is_public and messages.author_type = 'bot')
            as bot_messages,
        count(*) filter (where messages.is_public and messages.author_type = 'customer')
            as customer_messages,
        count(*) filter (where messages.is_public and messages.author_type = 'agent')
            as human_messages,
        count(*) filter (where not messages.is_public and messages.author_type = 'agent')
            as human_notes,
        min(messages.created_at) filter (
            where
            messages.is_public
            and messages.author_type = 'customer'
            and messages.created_at > first_words.first_bot_message_at
        ) as wrote_back_at,
        max(messages.created_at) filter (
            where
            messages.is_public
            and messages.author_type = 'bot'
            and coalesce(messages.created_at < first_words.first_human_message_at, true)
        ) as last_bot_message_at
    from messages
    inner join find_answered_by_bots as first_words on messages.ticket_id = first_words.ticket_id
    group by messages.ticket_id
),

find_first_intents as (
    select
        ticket_id,
        intent
    from messages
    where is_public and intent is not null
    qualify row_number() over (
        partition by ticket_id
        order by created_at asc nulls last, message_id asc nulls last
    ) = 1
),

-- Help desks route tickets to a group as they come in; what changes once the bot has spoken leaves
-- the bot.
sum_events as (
    select
        events.ticket_id,
        bool_or(
            events.field = 'status' and events.new_value = 'solved' and events.actor_type = 'bot'
        ) as is_solved_by_bot,
        min(events.occurred_at) filter (
            where
            events.field = 'group'
            and events.new_value is not null
            and events.old_value is distinct from events.new_value
            and events.occurred_at >= first_words.first_bot_message_at
        ) as left_bot_at
    from events
    inner join find_answered_by_bots as first_words on events.ticket_id = first_words.ticket_id
    group by events.ticket_id
),

-- A letter that a bot only acknowledged is no conversation with it: there it answers once more, or
-- solves the ticket.
list_conversations as (
    select
        tickets.ticket_id,
        tickets.customer_key,
        tickets.channel,
        tickets.topic,
        find_first_intents.intent as first_intent,
        tickets.first_solved_at,
        tickets.last_solved_at,
        tickets.last_reopened_at,
        tickets.is_solved as is_resolved,
        first_words.started_at,
        first_words.first_human_message_at,
        sum_messages.last_message_at,
        sum_messages.bot_messages,
        sum_messages.customer_messages,
        sum_messages.human_messages,
        sum_messages.human_notes,
        case
            when sum_messages.first_human_entry_at <= sum_events.left_bot_at
                or (
                    sum_events.left_bot_at is null and sum_messages.first_human_entry_at is not null
                )
                then greatest(sum_messages.first_human_entry_at, first_words.first_bot_message_at)
            else sum_events.left_bot_at
        end as handed_off_at
    from tickets
    inner join find_answered_by_bots as first_words on tickets.ticket_id = first_words.ticket_id
    inner join sum_messages on tickets.ticket_id = sum_messages.ticket_id
    left join sum_events on tickets.ticket_id = sum_events.ticket_id
    left join find_first_intents on tickets.ticket_id = find_first_intents.ticket_id
    where
        tickets.channel in ('line', 'chat')
        or sum_messages.wrote_back_at < sum_messages.last_bot_message_at
        or sum_events.is_solved_by_bot
),

final as (
    select
        ticket_id,
        customer_key,
        channel,
        topic,
        first_intent,
        started_at,
        {{ company_date('started_at') }} as started_date,
        last_message_at,
        case
            when not is_resolved then null
            when last_solved_at > last_message_at then last_solved_at
            else last_message_at
        end as ended_at,
        bot_messages,
        customer_messages,
        human_messages,
        human_notes,
        is_resolved,
        handed_off_at is not null as is_handed_off,
        is_resolved and handed_off_at is null as is_contained,
        handed_off_at,
        first_human_message_at,
        -- It was solved before any person came, and whoever asked came back all the same.
        last_reopened_at is not null
        and coalesce(first_solved_at < handed_off_at, true) as is_reopened_after_bot
    from list_conversations
)

select * from final
