{{ config(materialized='table') }}

with

identity_links as (
    select * from {{ ref('int_customer_identity') }}
),

members as (
    select * from {{ ref('stg_pos__members') }}
),

count_source_ids as (
    select
        customer_key,
        count(*) as n_source_ids,
        count(distinct source_system) as n_source_systems,
        bool_or(source_system = 'pos') as has_pos,
        bool_or(source_system = 'email') as has_email,
        bool_or(source_system = 'support') as has_support,
        not bool_or(is_in_master) as is_inferred
    from identity_links
    group by customer_key
),

-- One member record speaks for the customer: the one that was changed last.
choose_member_records as (
    select
        identity_links.customer_key,
        members.*,
        {{ age_on_as_of_date('members.birth_date') }} as age
    from members
    inner join identity_links
        on
            identity_links.source_system = 'pos'
            and members.member_id_hash = identity_links.source_id
    qualify row_number() over (
        partition by identity_links.customer_key
        order by members.updated_at desc nulls last, members.member_id_hash asc nulls last
    ) = 1
),

final as (
    select
        count_source_ids.customer_key,
        count_source_ids.has_pos
        and coalesce(records.joined_date <= {{ as_of_date() }}, true)
        and coalesce(records.left_date > {{ as_of_date() }}, true) as is_member,
        coalesce(records.is_internal, false) as is_internal,
        records.joined_date as member_since,
        records.left_date as left_on,
        records.tier as member_tier,
        records.home_store_id,
        case
            when records.age < 20 then '0-19'
            when records.age < 30 then '20-29'
            when records.age < 40 then '30-39'
            when records.age < 50 then '40-49'
            when records.age < 60 then '50-59'
            when records.age < 70 then '60-69'
            when records.age >= 70 then '70+'
        end as age_band,
        records.gender,
        records.prefecture,
        records.occupation,
        count_source_ids.n_source_ids,
        count_source_ids.n_source_systems,
        count_source_ids.has_pos,
        count_source_ids.has_email,
        count_source_ids.has_support,
        count_source_ids.is_inferred
    from count_source_ids
    left join choose_member_records as records
        on count_source_ids.customer_key = records.customer_key
)

select * from final
