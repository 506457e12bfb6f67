{# The last business date that counts, as a literal: never the clock. #}
{% macro as_of_date() -%}
    cast('{{ var("as_of_date") }}' as date)
{%- endmacro %}


{# First date of the window of `days` business dates that ends on the as-of date, both included. #}
{% macro window_start(days) -%}
    {{ add_days(as_of_date(), 1 - days) }}
{%- endmacro %}


{# Whether a date lies in the window of `days` business dates that ends on the as-of date. #}
{% macro in_window(date, days) -%}
    {{ date }} between {{ window_start(days) }} and {{ as_of_date() }}
{%- endmacro %}


{# Last date of a date's month. #}
{% macro last_day_of_month(date) -%}
    cast({{ add_days(
        add_months("cast(date_trunc('month', " ~ date ~ ") as date)", '1'), '-1'
    ) }} as date)
{%- endmacro %}


{# Whether a date is the last of its month. #}
{% macro is_month_end(date) -%}
    {{ date }} = {{ last_day_of_month(date) }}
{%- endmacro %}
