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

-- E-mail and post need a consent. Following the account is one for LINE, until it is withdrawn.
final as (
    select
        customers.customer_key,
        coalesce(email_statuses.email_status = 'subscribed', false)
        and coalesce(list_consents.has_granted_email, false) as contactable_email,
        coalesce(line_friends.is_line_friend, false)
        and not coalesce(list_consents.has_withdrawn_line, false) as contactable_line,
        find_addresses.customer_key is not null
        and coalesce(list_consents.has_granted_dm, false) as contactable_dm
    from customers
    left join email_statuses on customers.customer_key = email_statuses.customer_key
    left join list_consents on customers.customer_key = list_consents.customer_key
    left join line_friends on customers.customer_key = line_friends.customer_key
    left join find_addresses on customers.customer_key = find_addresses.customer_key
)

select * from final
