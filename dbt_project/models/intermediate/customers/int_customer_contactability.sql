with

customers as (
    select * from {{ ref('int_customers') }}
),

email_statuses as (
    select * from {{ ref('int_customer_email_status') }}
),

consents as (
    select * from {{ ref('int_customer_consents') }}
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
final as (
    select
        customers.customer_key,
        case
            when find_coverage.knows_email
                then
                    coalesce(email_statuses.email_status = 'subscribed', false)
                    and coalesce(list_consents.has_granted_email, false)
        end as contactable_email,
        case
            when find_coverage.knows_line
                then
                    coalesce(line_friends.is_line_friend, false)
                    and not coalesce(list_consents.has_withdrawn_line, false)
        end as contactable_line,
        case
            when find_coverage.knows_dm
                then
                    find_addresses.customer_key is not null
                    and coalesce(list_consents.has_granted_dm, false)
        end as contactable_dm
    from customers
    cross join find_coverage
    left join email_statuses on customers.customer_key = email_statuses.customer_key
    left join list_consents on customers.customer_key = list_consents.customer_key
    left join line_friends on customers.customer_key = line_friends.customer_key
    left join find_addresses on customers.customer_key = find_addresses.customer_key
)

select * from final
