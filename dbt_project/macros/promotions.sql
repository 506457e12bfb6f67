{#
    The recipes of promotion lists and what they mean. The text is part of a list's `recipe_hash`:
    who changes what a recipe does changes its text.
#}
{% macro promotion_recipes() -%}
    {{ return({
        'dormant_winback': 'lifecycle status dormant',
        'sample_no_purchase':
            'no qualifying order since the first sample within recipe_days',
        'first_time_coupon':
            'members and subscribers without any qualifying order',
        'loyal_no_complaint':
            'lifetime RFM group CHAMPIONS or LOYAL, no complaint within recipe_days',
        'segment': 'members of the segment',
    }) }}
{%- endmacro %}
