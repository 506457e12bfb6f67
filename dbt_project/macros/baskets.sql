{#
    Whether baskets are counted by their differences to what the last green run counted. With
    `--full` nothing of that is looked at: every basket is counted.
#}
{% macro baskets_are_incremental() -%}
    {{ return(not var('full_refresh')) }}
{%- endmacro %}


{# First sizes of the bands in which baskets are compared, from those on that hold a pair. #}
{% macro basket_bands() -%}
    {{ return([2, 3, 4, 5, 7, 10, 15]) }}
{%- endmacro %}


{# First size of the band that a basket of so many items belongs to. #}
{% macro basket_band(items) -%}
    case
        {%- for size in basket_bands() | reverse %}
        when {{ items }} >= {{ size }} then {{ size }}
        {%- endfor %}
        else 1
    end
{%- endmacro %}


{#
    The scopes that a place counts for, as the whole body of a CTE: a store for itself, a channel
    for itself, and all (0). The channel is the stratum in which its baskets are compared.
#}
{% macro basket_scopes(keys) -%}
    select
        places.number as place,
        scopes.number as scope,
        channels.number as channel_number
    from {{ keys }} as places
    inner join {{ keys }} as channels
        on
            channels.kind = 'channel'
            and channels.key = case places.kind when 'store' then places.group_key else places.key end
    inner join (
        select number, kind from {{ keys }} where kind in ('store', 'channel')
        union all
        select 0, 'all'
    ) as scopes
        on scopes.kind = 'all' or scopes.number in (places.number, channels.number)
    where places.kind in ('store', 'channel')
{%- endmacro %}
