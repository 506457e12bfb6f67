with

tickets as (
    select * from {{ ref('support_ticket') }}
    where not is_merged
),

conversations as (
    select * from {{ ref('chatbot_conversation') }}
),

receipts as (
    select * from {{ ref('fct_sales_receipt') }}
    where receipt_type = 'sale'
),

dates as (
    select * from {{ ref('dim_date') }}
),

find_first_date as (
    select min(created_date) as first_date from {{ ref('support_ticket') }}
),

-- A topic that is called all would be taken for their sum: it says as little as none.
name_topics as (
    select
        tickets.*,
        cast(date_trunc('month', tickets.created_date) as date) as month_start,
        coalesce(nullif(tickets.topic, 'all'), 'unknown') as topic_name,
        coalesce(conversations.is_contained, false) as is_self_served,
        tickets.is_solved or tickets.first_solved_at is not null as was_solved,
        -- Solved again, or open again after a solution.
        tickets.reopens > 0 or (tickets.first_solved_at is not null and not tickets.is_solved)
            as was_reopened
    from tickets
    left join conversations on tickets.ticket_id = conversations.ticket_id
),

sum_tickets as (
    select
        month_start,
        case when grouping(topic_name) = 1 then 'all' else topic_name end as topic,
        case when grouping(channel) = 1 then 'all' else channel end as channel,
        count(*) as tickets,
        count(*) filter (where is_self_served) as self_served,
        count(*) filter (where ticket_type = 'complaint') as complaints,
        count(*) filter (where was_solved) as solved_tickets,
        count(*) filter (where was_reopened) as reopened_tickets,
        count(*) filter (where is_solved) as resolved_tickets,
        count(*) filter (where is_one_touch) as one_touch_tickets,
        count(first_reply_min_calendar) as replied_tickets,
        {%- for minutes in ['first_reply_min', 'full_resolution_min'] %}
        {%- for clock in ['calendar', 'business'] %}
        round(median({{ minutes }}_{{ clock }}), 9) as median_{{ minutes }}_{{ clock }},
        {%- endfor %}
        {%- endfor %}
        count(is_csat_good) as rated_tickets,
        count(*) filter (where is_csat_good) as good_ratings
    from name_topics
    group by grouping sets (
        (month_start, topic_name, channel),
        (month_start, topic_name),
        (month_start, channel),
        (month_start)
    )
),

-- What nobody asks any more has a 0 and no gap: from its first month on, each has every month.
list_months as (
    select
        months.month_start,
        firsts.topic,
        firsts.channel
    from (
        select distinct cast(date_trunc('month', date_key) as date) as month_start from dates
    ) as months
    inner join (
        select
            topic,
            channel,
            min(month_start) as first_month
        from sum_tickets
        group by topic, channel
    ) as firsts on months.month_start >= firsts.first_month
),

count_receipts as (
    select
        cast(date_trunc('month', business_date) as date) as month_start,
        count(*) as receipts
    from receipts
    group by 1
),

join_months as (
    select
        list_months.month_start,
        list_months.topic,
        list_months.channel,
        coalesce(sums.tickets, 0) as tickets,
        sum(case when list_months.topic = 'all' then coalesce(sums.tickets, 0) else 0 end) over (
            partition by list_months.month_start, list_months.channel
        ) as tickets_of_channel,
        coalesce(lag(sums.tickets) over (
            partition by list_months.topic, list_months.channel
            order by list_months.month_start asc nulls last
        ), 0) as tickets_before,
        coalesce(sums.self_served, 0) as self_served,
        coalesce(sums.complaints, 0) as complaints,
        coalesce(sums.solved_tickets, 0) as solved_tickets,
        coalesce(sums.reopened_tickets, 0) as reopened_tickets,
        coalesce(sums.resolved_tickets, 0) as resolved_tickets,
        coalesce(sums.one_touch_tickets, 0) as one_touch_tickets,
        coalesce(sums.replied_tickets, 0) as replied_tickets,
        sums.median_first_reply_min_calendar,
        sums.median_first_reply_min_business,
        sums.median_full_resolution_min_calendar,
        sums.median_full_resolution_min_business,
        coalesce(sums.rated_tickets, 0) as rated_tickets,
        coalesce(sums.good_ratings, 0) as good_ratings,
        coalesce(count_receipts.receipts, 0) as receipts,
        find_first_date.first_date <= list_months.month_start
        and {{ last_day_of_month('list_months.month_start') }} <= {{ as_of_date() }}
            as is_complete,
        find_first_date.first_date <= {{ add_months('list_months.month_start', '-1') }}
        and {{ last_day_of_month('list_months.month_start') }} <= {{ as_of_date() }}
            as is_comparable
    from list_months
    cross join find_first_date
    left join sum_tickets as sums
        on
            list_months.month_start = sums.month_start
            and list_months.topic = sums.topic
            and list_months.channel = sums.channel
    left join count_receipts on list_months.month_start = count_receipts.month_start
),

final as (
    select
        month_start,
        topic,
        channel,
        cast(tickets as bigint) as tickets,
        cast(tickets_of_channel as bigint) as tickets_of_channel,
        {{ ratio('tickets', 'tickets_of_channel') }} as ticket_share,
        cast(self_served as bigint) as self_served,
        {{ ratio('self_served', 'tickets') }} as self_served_share,
        cast(complaints as bigint) as complaints,
        cast(solved_tickets as bigint) as solved_tickets,
        cast(reopened_tickets as bigint) as reopened_tickets,
        {{ ratio('reopened_tickets', 'solved_tickets') }} as reopen_rate,
        cast(resolved_tickets as bigint) as resolved_tickets,
        cast(one_touch_tickets as bigint) as one_touch_tickets,
        {{ ratio('one_touch_tickets', 'resolved_tickets') }} as one_touch_rate,
        cast(replied_tickets as bigint) as replied_tickets,
        median_first_reply_min_calendar,
        median_first_reply_min_business,
        median_full_resolution_min_calendar,
        median_full_resolution_min_business,
        cast(good_ratings as bigint) as good_ratings,
        cast(rated_tickets as bigint) as rated_tickets,
        {{ ratio('good_ratings', 'rated_tickets') }} as csat,
        cast(receipts as bigint) as receipts,
        {{ ratio('1000 * tickets', 'receipts') }} as tickets_per_1000_receipts,
        cast(case when is_comparable then tickets_before end as bigint) as tickets_month_before,
        cast(case when is_comparable then tickets - tickets_before end as bigint)
            as tickets_change,
        case when is_comparable then
            {{ ratio('tickets - tickets_before', 'tickets_before') }}
        end as tickets_change_rate,
        is_complete
    from join_months
)

select * from final
