with

customers as (
    select * from {{ ref('int_customers') }}
),

email_statuses as (
    select * from {{ ref('int_customer_email_status') }}
),

consents as (
    select * from {{ ref('int_customer_consents') }}
    where purpose = '{{ var("marketing_purpose") }}'
),

line_friends as (
    select * from {{ ref('int_customer_line_friends') }}
),

members as (
    select * from {{ ref('stg_pos__members') }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
    where source_system = 'pos'
),

list_consents as (
    select
        customer_key,
        bool_or(channel = 'email' and is_granted) as has_granted_email,
        bool_or(channel = 'line' and not is_granted) as has_withdrawn_line,
        bool_or(channel = 'dm' and is_granted) as has_granted_dm
    from consents
    group by customer_key
),

find_addresses as (
    select distinct identity_links.customer_key
    from members
    inner join identity_links on members.member_id_hash = identity_links.source_id
    where
        members.address_hash is not null
        and coalesce(members.left_date > {{ as_of_date() }}, true)
),

-- What the feeds say nothing about for anybody is unknown, not refused.
find_coverage as (
    select
        (select count(*) from email_statuses) > 0 as knows_email,
        (select count(*) from line_friends) > 0 as knows_line,
        (select count(*) from consents where channel = 'dm') > 0 as knows_dm
),

-- E-mail and post need a consent. Following the account is one for LINE, until it is withdrawn.
find_obstacles as (
    select
        customers.customer_key,
        nullif(
            concat_ws(
                ',',
                case when not coalesce(list_consents.has_granted_email, false) then 'no_consent' end,
                case when email_statuses.email_status = 'unsubscribed' then 'unsubscribed' end,
                case when email_statuses.email_status = 'complained' then 'complained' end,
                case when email_statuses.email_status = 'bounced' then 'hard_bounce' end,
                case when email_statuses.email_status is null then 'no_address' end
            ),
            ''
        ) as email_obstacles,
        nullif(
            concat_ws(
                ',',
                case when list_consents.has_withdrawn_line then 'no_consent' end,
                case when not line_friends.is_line_friend then 'unsubscribed' end,
                case when line_friends.customer_key is null then 'no_address' end
            ),
            ''
        ) as line_obstacles,
        nullif(
            concat_ws(
                ',',
                case when not coalesce(list_consents.has_granted_dm, false) then 'no_consent' end,
                case when find_addresses.customer_key is null then 'no_address' end
            ),
            ''
        ) as dm_obstacles
    from customers
    left join email_statuses on customers.customer_key = email_statuses.customer_key
    left join list_consents on customers.customer_key = list_consents.customer_key
    left join line_friends on customers.customer_key = line_friends.customer_key
    left join find_addresses on customers.customer_key = find_addresses.customer_key
),

final as (
    select
        find_obstacles.customer_key,
        {%- for channel in ['email', 'line', 'dm'] %}
        case when find_coverage.knows_{{ channel }} then {{ channel }}_obstacles is null end
            as contactable_{{ channel }},
        {%- endfor %}
        find_obstacles.email_obstacles,
        find_obstacles.line_obstacles,
        find_obstacles.dm_obstacles
    from find_obstacles
    cross join find_coverage
)

select * from final
