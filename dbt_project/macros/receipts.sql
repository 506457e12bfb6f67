{#
    Receipts to work out in a night, for inputs of the tables that are kept by receipt; true where
    these are worked out whole.
#}
{% macro is_touched_receipt(column='receipt_id') -%}
    {{ is_touched(column, 'receipt_id', 'int_touched_receipts', 'int_receipt_prints') }}
{%- endmacro %}


{# The same, and every receipt of their customers: one may make another the first order. #}
{% macro is_receipt_of_touched_customer(column='receipt_id') -%}
    {{ is_touched(
        column, 'receipt_id', 'int_receipts_of_touched_customers', 'int_receipt_prints'
    ) }}
{%- endmacro %}
