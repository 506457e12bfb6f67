{# The number that the first 15 hexadecimal digits of a text write: a hash as a short, stable id. #}
{% macro hex_to_bigint(text) -%}
    {{ portable(adapter.dispatch('hex_to_bigint', 'tokui')(text)) }}
{%- endmacro %}

{% macro duckdb__hex_to_bigint(text) -%}
    cast('0x' || substr({{ text }}, 1, 15) as bigint)
{%- endmacro %}

{% macro default__hex_to_bigint(text) -%}
    cast(conv(substr({{ text }}, 1, 15), 16, 10) as bigint)
{%- endmacro %}
