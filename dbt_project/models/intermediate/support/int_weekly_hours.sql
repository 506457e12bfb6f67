with

business_hours as (
    select * from {{ source('plans', 'business_hours') }}
),

holidays as (
    select * from {{ source('plans', 'holidays') }}
),

week_days as (
    select 1 as day_of_week
    {%- for day in range(2, 8) %}
    union all select {{ day }}
    {%- endfor %}
),

-- The hours of a group that has no lines of its own are those of all.
list_schedules as (
    select
        schedules.group_id as schedule_id,
        coalesce(own_hours.group_id, 'all') as hours_of
    from (
        select 'all' as group_id
        union
        select group_id from business_hours
        union
        select group_id from holidays
    ) as schedules
    left join (select distinct group_id from business_hours) as own_hours
        on schedules.group_id = own_hours.group_id
),

list_hours as (
    select
        list_schedules.schedule_id,
        business_hours.day_of_week,
        60 * business_hours.opens_at as opens_at,
        60 * business_hours.closes_at as closes_at
    from list_schedules
    inner join business_hours on list_schedules.hours_of = business_hours.group_id
),

-- A day is cut wherever the help desk opens or closes.
list_cuts as (
    select
        list_schedules.schedule_id,
        week_days.day_of_week,
        0 as from_second
    from list_schedules
    cross join week_days
    union
    select schedule_id, day_of_week, opens_at from list_hours
    union
    select schedule_id, day_of_week, closes_at from list_hours where closes_at < 86400
),

list_segments as (
    select
        schedule_id,
        day_of_week,
        from_second,
        coalesce(
            lead(from_second) over (
                partition by schedule_id, day_of_week order by from_second asc nulls last
            ),
            86400
        ) as to_second
    from list_cuts
),

find_open_segments as (
    select distinct
        list_segments.schedule_id,
        list_segments.day_of_week,
        list_segments.from_second
    from list_segments
    inner join list_hours
        on
            list_segments.schedule_id = list_hours.schedule_id
            and list_segments.day_of_week = list_hours.day_of_week
            and list_segments.from_second >= list_hours.opens_at
            and list_segments.from_second < list_hours.closes_at
),

final as (
    select
        list_segments.schedule_id,
        list_segments.day_of_week,
        list_segments.from_second,
        list_segments.to_second,
        find_open_segments.schedule_id is not null as is_open
    from list_segments
    left join find_open_segments
        on
            list_segments.schedule_id = find_open_segments.schedule_id
            and list_segments.day_of_week = find_open_segments.day_of_week
            and list_segments.from_second = find_open_segments.from_second
)

select * from final
