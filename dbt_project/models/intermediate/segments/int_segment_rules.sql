with

segment_rules as (
    select * from {{ source('plans', 'segment_rules') }}
),

write_alternatives as (
    select
        segment_id,
        alternative,
        max(segment_name) as segment_name,
        string_agg(
            concat_ws(' ', attribute, operator, value),
            ' and '
            order by attribute asc nulls last, operator asc nulls last
        ) as rule_text
    from segment_rules
    group by segment_id, alternative
),

-- Neither the order of the lines nor the numbers of the alternatives change the rule.
write_rules as (
    select
        segment_id,
        max(segment_name) as segment_name,
        case
            when count(*) = 1 then max(rule_text)
            else
                '(' || string_agg(rule_text, ') or (' order by rule_text asc nulls last) || ')'
        end as rule_text
    from write_alternatives
    group by segment_id
),

final as (
    select
        segment_id,
        coalesce(segment_name, segment_id) as segment_name,
        rule_text,
        md5(rule_text) as rule_hash
    from write_rules
)

select * from final
