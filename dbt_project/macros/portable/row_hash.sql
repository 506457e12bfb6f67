{# A number of 64 bits that differs when any of the columns does, NULL included. #}
{% macro row_hash(columns) -%}
    {{ portable(adapter.dispatch('row_hash', 'tokui')(columns)) }}
{%- endmacro %}

{% macro duckdb__row_hash(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro default__row_hash(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}
