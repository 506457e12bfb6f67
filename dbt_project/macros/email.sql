{# So many messages in a row that came back for the time being: nobody reads there. #}
{% macro soft_bounce_limit() -%} 3 {%- endmacro %}
