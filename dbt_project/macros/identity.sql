{# What identity compares of a record. A change in any of it is news about the record. #}
{% macro identity_evidence() -%}
    {{ return([
        'member_record_id', 'birth_date', 'email_key', 'phone_key', 'line_key', 'linked_line_key',
        'full_name_key', 'given_name_key', 'full_kana_key', 'given_kana_key', 'full_romaji_key',
        'given_romaji_key', 'address_key', 'decisions', 'settings'
    ]) }}
{%- endmacro %}


{# Whether a rule of identity is switched on (setting `rules_off` of `[identity]`). #}
{% macro rule_is_on(rule) -%}
    {{ return(rule not in var('identity_rules_off')) }}
{%- endmacro %}


{#
    The keys of records, long: one row a record and key. A key is what two records of one person
    may have in common; a name counts only together with a birth date or an address. Kinds of keys
    are numbered, `key_rules` says which rule reads them.
#}
{% macro identity_keys(records) -%}
    {%- set birth_date = 'year(birth_date) * 10000 + month(birth_date) * 100 + day(birth_date)' -%}
    {%- set keys = [
        (1, 'line_key', '0', 'line_key'),
        (1, 'linked_line_key', '0', 'linked_line_key <> coalesce(line_key, 0)'),
        (2, 'email_key', '0', 'email_key'),
        (3, 'phone_key', '0', 'phone_key'),
        (4, 'full_kana_key', birth_date, 'birth_date'),
        (5, 'full_name_key', birth_date, 'birth_date'),
        (6, 'full_romaji_key', birth_date, 'birth_date'),
        (7, 'full_kana_key', 'address_key', 'address_key'),
        (8, 'full_name_key', 'address_key', 'address_key')
    ] -%}
    {%- for kind, key, other, given in keys if rule_is_on(key_rules()[kind]) %}
    select
        record_id,
        {{ kind }} as key_kind,
        {{ key }} as key_value,
        cast({{ other }} as bigint) as key_other
    from {{ records }}
    where {{ key }} is not null and {{ given if '<>' in given else given ~ ' is not null' }}
    {{ 'union all' if not loop.last }}
    {%- else %}
    select record_id, 0 as key_kind, email_key as key_value, cast(0 as bigint) as key_other
    from {{ records }} where false
    {%- endfor %}
{%- endmacro %}


{# The rule that reads a kind of key. #}
{% macro key_rules() -%}
    {{ return({
        1: 'same_line_id', 2: 'same_email', 3: 'same_phone', 4: 'name_and_birth_date',
        5: 'name_and_birth_date', 6: 'name_and_birth_date', 7: 'name_and_address',
        8: 'name_and_address'
    }) }}
{%- endmacro %}


{# Two values that are both known and differ, or are equal; NULL when one is not known. #}
{% macro some_differ(columns) -%}
    coalesce({% for column in columns -%}
        (a.{{ column }} <> b.{{ column }}){{ ' or ' if not loop.last }}
    {%- endfor %}, false)
{%- endmacro %}

{% macro some_agree(columns) -%}
    coalesce({% for column in columns -%}
        (a.{{ column }} = b.{{ column }}){{ ' or ' if not loop.last }}
    {%- endfor %}, false)
{%- endmacro %}


{# The settings that decide about links, as one text: when they change, everybody is looked at. #}
{% macro identity_settings() -%}
    {{ return(
        [
            var('identity_rules_off') | sort | join(' '),
            var('identity_max_records_per_key'),
            var('identity_max_component_records'),
            var('identity_never_merge_member_ids'),
            var('identity_matcher')
        ] | join(' ')
    ) }}
{%- endmacro %}


{# Whether links of the previous run may be kept for the records that nothing new is known about. #}
{% macro identity_is_incremental() -%}
    {{ return(not var('full_refresh') and var('identity_matcher') == 'rules') }}
{%- endmacro %}


{# Order of records by age; a member record goes before a subscriber's or requester's of its day. #}
{% macro oldest_record_first(relation) -%}
    {{ relation }}.first_seen_at asc nulls last,
    case {{ relation }}.source_system when 'pos' then 1 when 'email' then 2 else 3 end
        asc nulls last,
    {{ relation }}.record_id asc nulls last
{%- endmacro %}
