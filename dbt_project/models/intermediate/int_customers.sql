{{ config(materialized='table') }}

with

identity_links as (
    select * from {{ ref('int_customer_identity') }}
),

members as (
    select * from {{ ref('stg_pos__members') }}
),

attributes as (
    select * from {{ ref('int_customer_attributes') }}
    qualify row_number() over (
        partition by customer_key order by valid_from desc nulls last
    ) = 1
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

-- A member id that the master does not know is a membership all the same, of unknown dates.
list_memberships as (
    select
        identity_links.customer_key,
        members.joined_date,
        members.left_date,
        members.is_internal,
        coalesce(members.joined_date <= {{ as_of_date() }}, true) as has_joined
    from identity_links
    left join members on identity_links.source_id = members.member_id_hash
    where identity_links.source_system = 'pos'
),

-- Somebody with several records joined with the first and left when the last of them ended.
sum_memberships as (
    select
        customer_key,
        bool_or(has_joined and coalesce(left_date > {{ as_of_date() }}, true)) as is_member,
        bool_or(coalesce(is_internal, false)) as is_internal,
        case
            when bool_or(has_joined) then min(joined_date) filter (where has_joined)
            else min(joined_date)
        end as member_since,
        case
            when count(*) filter (where has_joined and left_date is null) = 0
                then max(left_date)
        end as left_on
    from list_memberships
    group by customer_key
),

final as (
    select
        count_source_ids.customer_key,
        coalesce(sum_memberships.is_member, false) as is_member,
        coalesce(sum_memberships.is_internal, false) as is_internal,
        sum_memberships.member_since,
        sum_memberships.left_on,
        {%- for attribute in customer_attributes() %}
        attributes.{{ attribute }},
        {%- if attribute != 'account_key' %}
        case when attributes.{{ attribute }} is not null then 'pos' end as {{ attribute }}_source,
        attributes.{{ attribute }}_as_of,
        {%- endif %}
        {%- endfor %}
        count_source_ids.n_source_ids,
        count_source_ids.n_source_systems,
        count_source_ids.has_pos,
        count_source_ids.has_email,
        count_source_ids.has_support,
        count_source_ids.is_inferred
    from count_source_ids
    left join sum_memberships on count_source_ids.customer_key = sum_memberships.customer_key
    left join attributes on count_source_ids.customer_key = attributes.customer_key
)

select * from final
