{# Date of a UTC instant in the company's time zone: for events that happen in no store. #}
{% macro company_date(instant) -%}
    {{ local_date(instant, "'" ~ var('company_timezone') ~ "'") }}
{%- endmacro %}
