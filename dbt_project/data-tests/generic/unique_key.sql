{#
    Rows whose key is not unique or, unless `nullable`, has a column without a value.
    One pass for both, since this test runs on tables of many million rows.
#}
{% test unique_key(model, columns, nullable=false) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- if not nullable %}
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}
    {%- endif %}

{% endtest %}
