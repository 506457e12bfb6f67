with

responses as (
    select
        *,
        question_code = '{{ var("nps_question_code") }}' as is_nps_question
    from {{ ref('int_survey_responses') }}
),

invitations as (
    select * from {{ ref('int_survey_invitations') }}
    where customer_key is not null
),

customers as (
    select * from {{ ref('dim_customer') }}
),

-- An answer beyond 0 to 10 is none to the question for a recommendation.
judge_responses as (
    select
        *,
        coalesce(
            case when is_nps_question then score between 0 and 10 else score is not null end,
            false
        ) as is_usable
    from responses
),

rank_responses as (
    select
        *,
        row_number() over (
            partition by survey_id, wave, question_code, respondent_id, is_usable
            order by responded_at desc nulls last, response_id desc nulls last
        ) as recency_rank
    from judge_responses
),

-- Who was invited twice answered the later one, of those that had gone out by then.
find_invitations as (
    select
        responses.response_id,
        max(invitations.invited_at) as invited_at
    from responses
    inner join invitations
        on
            responses.customer_key = invitations.customer_key
            and responses.survey_id = invitations.survey_id
            and coalesce(responses.wave, '') = coalesce(invitations.wave, '')
            and invitations.invited_at <= responses.responded_at
    group by responses.response_id
),

final as (
    select
        responses.response_id,
        responses.survey_id,
        responses.wave,
        responses.question_code,
        responses.customer_key,
        coalesce(customers.is_internal, false) as is_internal,
        responses.score,
        responses.responded_at,
        responses.responded_date,
        responses.is_usable and responses.recency_rank = 1 as is_latest_of_wave,
        case
            when not responses.is_nps_question or not responses.is_usable then null
            when responses.score >= 9 then 'promoter'
            when responses.score >= 7 then 'passive'
            else 'detractor'
        end as nps_class,
        find_invitations.invited_at,
        round(
            cast({{ seconds_between('find_invitations.invited_at', 'responses.responded_at') }}
                as double) / 3600,
            9
        ) as hours_to_answer
    from rank_responses as responses
    left join customers on responses.customer_key = customers.customer_key
    left join find_invitations on responses.response_id = find_invitations.response_id
)

select * from final
