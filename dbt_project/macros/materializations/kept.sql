{#
    Tables that are kept from night to night, of which only the rows are worked out again whose
    inputs changed. dbt builds them whole, as any table; a run of `orchestration` keeps them, and
    the marks below tell it where their SQL is another one in a night.

    A table of `prints` has a row for each version of a key: columns by which other keys are found
    that depend on it, and `print`, a hash of all that rows of the key are worked out from. Its
    model gives today's versions, with `began` 0 and `ended` empty. What is other than the night
    before ends in this night (`ended`), and the new version begins in it (`began`). Nights have
    numbers of their own.

    A `kept` table says which `prints` it follows, which model lists the keys to work out
    (`touched`, in the column `touched_key`, where `touched_where`), and the column that they are
    compared with (`kept_by`). In a night its inputs are read through `is_touched`, so that its SQL
    gives the rows of these keys alone; they take the place of the rows that the table has of them.
    Prints may also say that their keys never end (`never_end`): where one does, all is worked out
    whole.
#}

{% materialization prints, adapter='duckdb' %}
    {{ replace_in_place(this.incorporate(type='table')) }}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}


{% materialization kept, adapter='duckdb' %}
    {{ replace_in_place(this.incorporate(type='table')) }}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}


{#
    Condition on an input of a kept table: its key is to be worked out. Where all is, the model of
    the keys is not named, so that unit tests need not give it.
#}
{% macro is_touched(column, key, touched, prints, where='true') -%}
    {%- if not execute or var('mark_slices') -%}
        /*slice {{ prints }}*/
        {{ column }} in (select {{ key }} from {{ ref(touched) }} where {{ where }})
        /*whole*/ true /*end*/
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{# Condition on versions: they began or ended since the tables that follow them were made. #}
{% macro is_news(prints) -%}
    {%- if var('mark_slices') -%}
        /*slice {{ prints }}*/ (began > /*night*/ or ended > /*night*/) /*whole*/ false /*end*/
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}
