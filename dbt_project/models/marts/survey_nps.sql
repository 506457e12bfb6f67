with

responses as (
    select * from {{ ref('int_survey_responses') }}
    where question_code = '{{ var("nps_question_code") }}' and score between 0 and 10
),

-- Invitations do not say what is asked: those of surveys that ask for a recommendation.
invitations as (
    select * from {{ ref('int_survey_invitations') }}
    where survey_id in (select survey_id from responses)
),

customers as (
    select * from {{ ref('dim_customer') }}
),

rfm_groups as (
    select * from {{ ref('customer_rfm') }}
    where rfm_window = 'lifetime'
),

find_last_responses as (
    select
        survey_id,
        wave,
        respondent_id,
        customer_key,
        score
    from responses
    qualify row_number() over (
        partition by survey_id, wave, respondent_id
        order by responded_at desc nulls last, response_id desc nulls last
    ) = 1
),

list_people as (
    select
        survey_id,
        wave,
        respondent_id,
        customer_key,
        score,
        0 as is_invitation
    from find_last_responses
    union all
    select distinct
        survey_id,
        wave,
        respondent_id,
        customer_key,
        cast(null as bigint),
        1
    from invitations
),

find_groups as (
    select
        list_people.*,
        customers.age_band,
        rfm_groups.rfm_group
    from list_people
    left join customers on list_people.customer_key = customers.customer_key
    left join rfm_groups on list_people.customer_key = rfm_groups.customer_key
    where not coalesce(customers.is_internal, false)
),

-- Who is no customer yet is in the whole and in no group.
list_segments as (
    select *, 'all' as segment_type, 'all' as segment from find_groups
    union all
    select *, 'rfm_group', coalesce(rfm_group, 'unknown') from find_groups
    where customer_key is not null
    union all
    select *, 'age_band', coalesce(age_band, 'unknown') from find_groups
    where customer_key is not null
),

count_people as (
    select
        survey_id,
        wave,
        segment_type,
        segment,
        sum(is_invitation) as invited,
        count(score) as n,
        count(*) filter (where score >= 9) as promoters,
        count(*) filter (where score between 7 and 8) as passives,
        count(*) filter (where score <= 6) as detractors,
        count(score) >= {{ var('min_respondents') }} as is_shown
    from list_segments
    group by survey_id, wave, segment_type, segment
),

-- With counts, p + d − (p − d)² is ((P + D) × n − (P − D)²) ÷ n²: whole numbers up to the root.
final as (
    select
        survey_id,
        wave,
        segment_type,
        segment,
        cast(invited as bigint) as invited,
        cast(n as bigint) as n,
        cast(promoters as bigint) as promoters,
        cast(passives as bigint) as passives,
        cast(detractors as bigint) as detractors,
        case when is_shown then {{ ratio('100 * (promoters - detractors)', 'n') }} end as nps,
        case when is_shown then round(
            100 * sqrt(
                cast(
                    (promoters + detractors) * n
                    - (promoters - detractors) * (promoters - detractors) as double
                ) / n
            ) / n,
            9
        ) end as se,
        {{ ratio('n', 'invited') }} as response_rate,
        is_shown
    from count_people
)

select * from final
