with

conversations as (
    select * from {{ ref('int_chat_conversations') }}
    where customer_key is not null
),

number_conversations as (
    select
        *,
        row_number() over (
            partition by customer_key
            order by started_at desc nulls last, ticket_id desc nulls last
        ) as conversation_rank
    from conversations
),

final as (
    select
        customer_key,
        count(*) filter (where {{ in_window('started_date', 365) }}) as chat_conversations_365d,
        max(coalesce(topic, first_intent)) filter (where conversation_rank = 1) as last_chat_topic,
        max(started_at) as last_chat_at
    from number_conversations
    group by customer_key
)

select * from final
