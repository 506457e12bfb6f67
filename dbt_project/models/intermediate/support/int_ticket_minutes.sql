{{ config(materialized='table') }}

with

tickets as (
    select * from {{ ref('int_tickets') }}
    where not is_merged
),

spells as (
    select * from {{ ref('int_ticket_spells') }}
),

open_hours as (
    select * from {{ ref('int_open_hours') }}
),

list_spans as (
    {%- for measure, to_at in {
        'first_reply': 'first_reply_at',
        'first_resolution': 'first_solved_at',
        'full_resolution': 'last_solved_at',
    }.items() %}
    select
        ticket_id,
        schedule_id,
        '{{ measure }}' as measure,
        created_at as from_at,
        greatest({{ to_at }}, created_at) as to_at
    from tickets
    where {{ to_at }} is not null
    union all
    {%- endfor %}
    select
        tickets.ticket_id,
        tickets.schedule_id,
        case
            when spells.status in ('new', 'open', 'on_hold') then 'requester_wait'
            when spells.status = 'pending' then 'agent_wait'
            else 'no_wait'
        end,
        spells.from_at,
        spells.to_at
    from spells
    inner join tickets on spells.ticket_id = tickets.ticket_id
),

-- The open time of a span is what the schedule was open up to its end, less what it was up to its
-- start: no day in between is visited.
list_ends as (
    select
        list_spans.ticket_id,
        list_spans.schedule_id,
        list_spans.measure,
        signs.sign,
        case when signs.sign = 1 then list_spans.to_at else list_spans.from_at end as instant,
        case when signs.sign = 1 then
            {{ seconds_between('list_spans.from_at', 'list_spans.to_at') }}
        end as calendar_seconds
    from list_spans
    cross join (select 1 as sign union all select -1) as signs
),

read_clocks as (
    select
        *,
        cast({{ company_time('instant') }} as date) as local_date,
        {{ seconds_between(
            'cast(cast(' ~ company_time('instant') ~ ' as date) as timestamp)',
            company_time('instant')
        ) }} as local_second
    from list_ends
),

sum_ends as (
    select
        read_clocks.ticket_id,
        read_clocks.measure,
        sum(read_clocks.calendar_seconds) as calendar_seconds,
        sum(read_clocks.sign * (
            open_hours.open_seconds_before
            + case
                when open_hours.is_open then read_clocks.local_second - open_hours.from_second
                else 0
            end
        )) as business_seconds
    from read_clocks
    inner join open_hours
        on
            read_clocks.schedule_id = open_hours.schedule_id
            and read_clocks.local_date = open_hours.local_date
            and read_clocks.local_second >= open_hours.from_second
            and read_clocks.local_second < open_hours.to_second
    group by read_clocks.ticket_id, read_clocks.measure
),

final as (
    select
        ticket_id
        {%- for measure in ['first_reply', 'first_resolution', 'full_resolution'] %}
        {%- for clock in ['calendar', 'business'] %},
        max(round(cast({{ clock }}_seconds as double) / 60, 9))
            filter (where measure = '{{ measure }}') as {{ measure }}_min_{{ clock }}
        {%- endfor %}
        {%- endfor %}
        {%- for measure in ['requester_wait', 'agent_wait'] %}
        {%- for clock in ['calendar', 'business'] %},
        -- Who never waited waited 0 minutes; of whom nothing is told, nothing is known.
        case when bool_or(measure in ('requester_wait', 'agent_wait', 'no_wait')) then
            coalesce(
                max(round(cast({{ clock }}_seconds as double) / 60, 9))
                    filter (where measure = '{{ measure }}'),
                0
            )
        end as {{ measure }}_min_{{ clock }}
        {%- endfor %}
        {%- endfor %}
    from sum_ends
    group by ticket_id
)

select * from final
