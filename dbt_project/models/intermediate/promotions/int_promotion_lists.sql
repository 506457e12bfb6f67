with

promotion_lists as (
    select * from {{ source('plans', 'promotion_lists') }}
),

segment_rules as (
    select * from {{ ref('int_segment_rules') }}
),

name_recipes as (
    {%- for recipe, definition in promotion_recipes().items() %}
    select '{{ recipe }}' as recipe, '{{ definition }}' as definition
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        promotion_lists.list_id,
        coalesce(promotion_lists.list_name, promotion_lists.list_id) as list_name,
        promotion_lists.recipe,
        promotion_lists.segment_id,
        promotion_lists.channel,
        promotion_lists.max_contacts,
        promotion_lists.contact_days,
        promotion_lists.recipe_days,
        md5(
            concat_ws(
                '|',
                name_recipes.definition,
                segment_rules.rule_hash,
                promotion_lists.channel,
                promotion_lists.max_contacts,
                promotion_lists.contact_days,
                promotion_lists.recipe_days
            )
        ) as recipe_hash
    from promotion_lists
    inner join name_recipes on promotion_lists.recipe = name_recipes.recipe
    left join segment_rules on promotion_lists.segment_id = segment_rules.segment_id
)

select * from final
