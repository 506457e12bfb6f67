with

{% for name in contract_tables() %}
{%- set dataset, table = name.split('.') -%}
{{ table }}_rows as (
    {{ row_accounting(dataset, table) }}
),

{% endfor -%}

final as (
    {%- for name in contract_tables() %}
    select * from {{ name.split('.')[1] }}_rows
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
)

select * from final
