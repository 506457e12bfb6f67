with

attributes as (
    select * from {{ ref('int_customer_attributes') }}
),

compare_neighbours as (
    select
        *,
        row_number() over (
            partition by customer_key order by valid_from asc nulls last
        ) = 1
        {%- for attribute in customer_attributes() %}
        or {{ attribute }} is distinct from lag({{ attribute }}) over (
            partition by customer_key order by valid_from asc nulls last
        )
        {%- endfor %} as is_change
    from attributes
),

-- Days on which no attribute changed belong to the row before.
keep_changes as (
    select
        *,
        lead(valid_from) over (
            partition by customer_key order by valid_from asc nulls last
        ) as next_valid_from
    from compare_neighbours
    where is_change
),

final as (
    select
        customer_key,
        valid_from,
        {{ add_days('next_valid_from', -1) }} as valid_to,
        next_valid_from is null as is_current,
        {%- for attribute in customer_attributes() %}
        {{ attribute }}{{ ',' if not loop.last }}
        {%- endfor %}
    from keep_changes
)

select * from final
