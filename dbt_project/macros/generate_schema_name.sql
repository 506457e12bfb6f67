{# A custom schema is the schema, without the target's as a prefix: folder = schema = asset key. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
