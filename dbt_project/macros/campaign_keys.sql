{#
    Numbers of events, of messages and of entries of audiences, by which a night finds what it works
    out. Two that share a number are worked out together, which changes nothing.
#}
{% macro event_number() -%}
    {{ row_hash(['event_id']) }}
{%- endmacro %}


{% macro message_number(message_id='coalesce(campaign_id, event_id)') -%}
    {{ row_hash([message_id, 'subscriber_id_hash']) }}
{%- endmacro %}


{# An entry has the number of the message that was sent for it. A member alone has no address. #}
{% macro entry_number(address='coalesce(subscriber_id_hash, member_id_hash)') -%}
    {{ row_hash(['campaign_id', address]) }}
{%- endmacro %}


{# What names an entry of an audience: no id of a person can be read from it. #}
{% macro contact_key(relation) -%}
    'e' || substr(md5(
            {{ relation }}.campaign_id
            || '|' || coalesce({{ relation }}.subscriber_id_hash, '')
            || '|' || coalesce({{ relation }}.member_id_hash, '')
        ), 1, 24)
{%- endmacro %}


{# Entries that should have got the message and did not. #}
{% macro is_suppressed() -%}
    outcome in ('dropped', 'not_sent') and not is_holdout
{%- endmacro %}
