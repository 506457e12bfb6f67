with

identity_links as (
    select * from {{ ref('int_customer_identity') }}
    where source_system = 'pos'
),

members as (
    select
        members.*,
        identity_links.customer_key
    from {{ ref('stg_pos__members') }} as members
    inner join identity_links on members.member_id_hash = identity_links.source_id
),

customers as (
    select * from {{ ref('int_customers') }}
    where not is_internal
),

households as (
    select * from {{ ref('int_households') }}
),

-- Who was a member already was brought by nobody: the first membership of a person counts.
find_first_memberships as (
    select *
    from members
    qualify row_number() over (
        partition by customer_key
        order by joined_at asc nulls last, member_id_hash asc nulls last
    ) = 1
),

-- Somebody is a member before bringing others. So the instants of joining fall from the one who was
-- brought to the one who brought, and no chain of referrals leads back to its start.
find_referrals as (
    select
        brought.customer_key,
        of_referrers.customer_key as referrer_key,
        brought.joined_at,
        brought.joined_date
    from find_first_memberships as brought
    inner join identity_links as of_referrers
        on brought.referred_by_member_id_hash = of_referrers.source_id
    left join find_first_memberships as referrers
        on of_referrers.customer_key = referrers.customer_key
    where
        brought.joined_date <= {{ as_of_date() }}
        and brought.customer_key <> of_referrers.customer_key
        and coalesce(referrers.joined_at < brought.joined_at, true)
),

final as (
    select
        find_referrals.customer_key,
        find_referrals.referrer_key,
        find_referrals.joined_at,
        find_referrals.joined_date,
        coalesce(households.household_key = of_referrers.household_key, false)
            as is_same_household
    from find_referrals
    inner join customers on find_referrals.customer_key = customers.customer_key
    inner join customers as referrers on find_referrals.referrer_key = referrers.customer_key
    left join households on find_referrals.customer_key = households.customer_key
    left join households as of_referrers
        on find_referrals.referrer_key = of_referrers.customer_key
)

select * from final
