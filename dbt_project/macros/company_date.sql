{# Date of a UTC instant in the company's time zone: for events that happen in no store. #}
{% macro company_date(instant) -%}
    {{ local_date(instant, "'" ~ var('company_timezone') ~ "'") }}
{%- endmacro %}


{# What the company's clocks show at a UTC instant. #}
{% macro company_time(instant) -%}
    {{ local_time(instant, "'" ~ var('company_timezone') ~ "'") }}
{%- endmacro %}


{# The UTC instant at which a date begins on the company's clocks. #}
{% macro company_midnight(date) -%}
    {{ utc_instant('cast(' ~ date ~ ' as timestamp)', "'" ~ var('company_timezone') ~ "'") }}
{%- endmacro %}


{# The UTC instant at which the as-of date ends: the midnight after it, in the company's zone. #}
{% macro as_of_end() -%}
    {{ company_midnight(add_days(as_of_date(), '1')) }}
{%- endmacro %}
