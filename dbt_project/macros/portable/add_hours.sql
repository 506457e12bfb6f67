{# An instant moved by a whole number of hours. #}
{% macro add_hours(instant, hours) -%}
    {{ portable(adapter.dispatch('add_hours', 'tokui')(instant, hours)) }}
{%- endmacro %}

{% macro duckdb__add_hours(instant, hours) -%}
    ({{ instant }} + to_hours({{ hours }}))
{%- endmacro %}

{% macro default__add_hours(instant, hours) -%}
    ({{ instant }} + make_interval(0, 0, 0, 0, {{ hours }}))
{%- endmacro %}
