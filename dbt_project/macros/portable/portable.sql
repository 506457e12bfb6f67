{#
    Marks SQL that differs between engines. Every macro in this folder returns its text through
    this one; a test cuts the marked text out of the compiled models and refuses engine-only
    constructs in the rest.
#}
{% macro portable(expression) -%}
    /*portable*/ {{ expression | trim }} /*end portable*/
{%- endmacro %}
