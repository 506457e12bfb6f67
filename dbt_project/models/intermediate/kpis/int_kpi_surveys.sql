with

responses as (
    select * from {{ ref('int_survey_responses') }}
    where question_code = '{{ var("nps_question_code") }}' and score between 0 and 10
),

customers as (
    select * from {{ ref('int_customers') }}
),

last_answers_of_day as (
    select
        responses.respondent_id,
        responses.responded_date,
        case when responses.score >= 9 then 100 when responses.score <= 6 then -100 else 0 end
            as points
    from responses
    left join customers on responses.customer_key = customers.customer_key
    where not coalesce(customers.is_internal, false)
    qualify row_number() over (
        partition by responses.respondent_id, responses.responded_date
        order by responses.responded_at desc nulls last, responses.response_id desc nulls last
    ) = 1
),

-- An answer stands for 365 days, or until the same person answers again.
follow_answers as (
    select
        responded_date,
        points,
        {{ stands_until('responded_date', '365', 'respondent_id') }} as stands_until
    from last_answers_of_day
),

list_changes as (
    select responded_date as business_date, points, 1 as respondents from follow_answers
    union all
    select stands_until, -points, -1 from follow_answers
),

sum_changes as (
    select
        business_date,
        'all' as scope_type,
        'all' as scope_key,
        sum(points) as points,
        sum(respondents) as respondents
    from list_changes
    group by business_date
),

final as (
    {{ kpi_rows('sum_changes', {'nps': ('points', 'respondents')}) }}
)

select * from final
