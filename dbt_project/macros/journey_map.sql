{#
    The maps: steps in their order with the column of the instant at which a unit (customer or
    ticket) got there, and the columns of what may come next. An order is a step of the tickets
    that name one; dormancy is beside the way, and what follows it is a purchase.
#}
{% macro journey_maps() -%}
    {%- set maps = {'purchase': {}, 'service': {}} -%}
    {%- set ways = {
        'purchase': journey_stages(),
        'service': ['order', 'contact', 'first_reply', 'resolution', 'rating'],
    } -%}
    {%- for map, way in ways.items() -%}
        {%- for step in way -%}
            {%- set later = [] -%}
            {%- for other in way[loop.index:] -%}
                {%- do later.append(other ~ '_at') -%}
            {%- endfor -%}
            {%- do maps[map].update({step: later}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do maps['purchase'].update({'dormant': ['returned_at']}) -%}
    {{ return(maps) }}
{%- endmacro %}


{# Segments of a map and the column that names a unit's. #}
{% macro journey_segments() -%}
    {{ return({
        'all': "'all'",
        'age_band': 'age_band',
        'first_touch_channel': 'first_touch_channel',
        'rfm_group': 'rfm_group',
    }) }}
{%- endmacro %}


{# Columns of a unit by which it belongs to a segment. #}
{% macro journey_dimensions() -%}
    {{ journey_segments().values() | reject('equalto', "'all'") | join(', ') }}
{%- endmacro %}


{#
    One row a unit and step that it reached, as the whole body of a CTE; `units` names the relation
    of each map. The next step is the earliest of the later ones, for steps may be left out;
    somebody who was further already has none, and is no drop-off either.
#}
{% macro steps_of_units(units) -%}
    {%- for map, steps in journey_maps().items() %}
    {{ 'union all' if not loop.first }}
    {%- for step, later in steps.items() %}
    {%- set next_at = 'least(' ~ later | join(', ') ~ ')' if later | length > 1 else later | first %}
    {%- set is_counted -%}
        is_timed and coalesce({{ next_at }} >= {{ step }}_at, true)
    {%- endset %}
    select
        '{{ map }}' as map_type,
        '{{ step }}' as step,
        {{ journey_dimensions() }},
        {%- if later %}
        case when {{ is_counted }} then
            {{ ratio(seconds_between(step ~ '_at', next_at), '3600') }}
        end as hours_to_next,
        case
            when {{ is_counted }} and {{ seconds_between(step ~ '_at', as_of_end()) }}
                >= {{ var('maturity_days') * 86400 }}
                then case when {{ next_at }} is null then 1 else 0 end
        end as is_dropped
        {%- else %}
        cast(null as double) as hours_to_next,
        cast(null as integer) as is_dropped
        {%- endif %}
    from {{ units[map] }}
    where {{ step }}_at is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}


{# Rows of a relation once for each kind of segment, `segment_type` and `segment`, as a subquery. #}
{% macro by_segment(relation) -%}
    (
        {%- for segment_type, column in journey_segments().items() %}
        select
            *,
            '{{ segment_type }}' as segment_type,
            coalesce({{ column }}, 'unknown') as segment
        from {{ relation }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}


{#
    What people did and felt in each step of each segment, as the whole body of a CTE: the channel
    with the most touches, and sentiment with the people who showed one. `touches` has a row a
    touch with map_type, step, unit_key, channel, sentiment and the columns of the segments.
#}
{% macro touches_of_steps(touches) -%}
    with

    channels as (
        select
            map_type,
            step,
            channel,
            {{ journey_dimensions() }},
            count(*) as touches
        from {{ touches }}
        group by map_type, step, channel, {{ journey_dimensions() }}
    ),

    ranked_channels as (
        select
            map_type,
            segment_type,
            segment,
            step,
            channel,
            sum(touches) as touches,
            sum(sum(touches)) over (partition by map_type, segment_type, segment, step)
                as step_touches,
            row_number() over (
                partition by map_type, segment_type, segment, step
                order by sum(touches) desc nulls last, channel asc nulls last
            ) as channel_rank
        from {{ by_segment('channels') }} as channels_of_segments
        group by map_type, segment_type, segment, step, channel
    ),

    shown_sentiments as (
        select * from {{ touches }}
        where sentiment is not null
    ),

    sentiments as (
        select
            map_type,
            segment_type,
            segment,
            step,
            count(distinct unit_key) as sentiment_people,
            count(*) as sentiment_n,
            sum(sentiment) as sentiment_sum
        from {{ by_segment('shown_sentiments') }} as sentiments_of_segments
        group by map_type, segment_type, segment, step
    )

    select
        ranked_channels.*,
        sentiments.sentiment_people,
        sentiments.sentiment_n,
        sentiments.sentiment_sum
    from ranked_channels
    left join sentiments
        on
            ranked_channels.map_type = sentiments.map_type
            and ranked_channels.segment_type = sentiments.segment_type
            and ranked_channels.segment = sentiments.segment
            and ranked_channels.step = sentiments.step
    where ranked_channels.channel_rank = 1
{%- endmacro %}
