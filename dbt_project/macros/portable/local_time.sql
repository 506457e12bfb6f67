{#
    What the clocks of a time zone show at a UTC instant, as a timestamp without a zone. `instant`
    and `zone` are SQL expressions.
#}
{% macro local_time(instant, zone) -%}
    {{ portable(adapter.dispatch('local_time', 'tokui')(instant, zone)) }}
{%- endmacro %}

{#
    DuckDB looks a zone that is not constant up for every row, seven times the cost of a constant
    one; most rows are in the company's zone.
#}
{% macro duckdb__local_time(instant, zone) -%}
    {%- set company_zone = "'" ~ var('company_timezone') ~ "'" -%}
    {%- if zone == company_zone -%}
        {{ duckdb_company_time(instant) }}
    {%- else -%}
        case
            when {{ zone }} = {{ company_zone }} then {{ duckdb_company_time(instant) }}
            else timezone({{ zone }}, timezone('UTC', {{ instant }}))
        end
    {%- endif -%}
{%- endmacro %}

{# Where the company's clocks never change, an addition takes a tenth of a look at its zone. #}
{% macro duckdb_company_time(instant) -%}
    {%- set looked_up -%}
        timezone('{{ var("company_timezone") }}', timezone('UTC', {{ instant }}))
    {%- endset -%}
    {%- if var('company_utc_offset') is none -%}
        {{ looked_up }}
    {%- else -%}
        case
            when
                {{ instant }} >= timestamp '1971-01-01' and {{ instant }} < timestamp '2100-01-01'
                then {{ instant }} + interval ({{ var('company_utc_offset') }}) minute
            else {{ looked_up }}
        end
    {%- endif -%}
{%- endmacro %}

{% macro default__local_time(instant, zone) -%}
    from_utc_timestamp({{ instant }}, {{ zone }})
{%- endmacro %}


{# The other way round: the UTC instant at which the clocks of a time zone show a time. #}
{% macro utc_instant(time, zone) -%}
    {{ portable(adapter.dispatch('utc_instant', 'tokui')(time, zone)) }}
{%- endmacro %}

{% macro duckdb__utc_instant(time, zone) -%}
    timezone('UTC', timezone({{ zone }}, {{ time }}))
{%- endmacro %}

{% macro default__utc_instant(time, zone) -%}
    to_utc_timestamp({{ time }}, {{ zone }})
{%- endmacro %}
