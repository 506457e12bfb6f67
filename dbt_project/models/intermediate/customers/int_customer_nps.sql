with

responses as (
    select * from {{ ref('int_survey_responses') }}
    where
        customer_key is not null
        and question_code = '{{ var("nps_question_code") }}'
        and score between 0 and 10
),

final as (
    select
        customer_key,
        score as nps_last,
        responded_at as nps_last_at
    from responses
    qualify row_number() over (
        partition by customer_key
        order by responded_at desc nulls last, response_id desc nulls last
    ) = 1
)

select * from final
