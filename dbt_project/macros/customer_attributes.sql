{#
    Attributes of a customer that several member records may give, each of which survives on its
    own. `age_band` comes of the birth date, which stays inside.
#}
{% macro customer_attributes() -%}
    {{ return([
        'gender',
        'age_band',
        'prefecture',
        'postal_area',
        'occupation',
        'member_tier',
        'home_store_id',
        'account_key',
    ]) }}
{%- endmacro %}
