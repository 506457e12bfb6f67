{# Whole years from a date of birth to a day; NULL for a birth after it. #}
{% macro age_on(birth_date, day) -%}
    case
        when {{ birth_date }} <= {{ day }} then
            extract(year from {{ day }}) - extract(year from {{ birth_date }})
            - case
                when
                    extract(month from {{ day }}) * 100 + extract(day from {{ day }})
                    < extract(month from {{ birth_date }}) * 100
                    + extract(day from {{ birth_date }})
                    then 1
                else 0
            end
    end
{%- endmacro %}


{# Ages at which a person comes into the next band. #}
{% macro age_band_starts() -%}
    {{ return([20, 30, 40, 50, 60, 70]) }}
{%- endmacro %}


{# Band of an age: 0-19, 20-29 and so on; the last has no end. #}
{% macro age_band(age) -%}
    {%- set starts = age_band_starts() -%}
    case
        when {{ age }} < {{ starts[0] }} then '0-{{ starts[0] - 1 }}'
        {%- for start in starts[:-1] %}
        when {{ age }} < {{ starts[loop.index] }} then '{{ start }}-{{ starts[loop.index] - 1 }}'
        {%- endfor %}
        when {{ age }} >= {{ starts[-1] }} then '{{ starts[-1] }}+'
    end
{%- endmacro %}


{#
    The day on which a person becomes `age` years old; those born on 29 February on 1 March of a
    common year.
#}
{% macro birthday(birth_date, age) -%}
    {{ add_days(
        'make_date(cast(extract(year from ' ~ birth_date ~ ') + ' ~ age ~ ' as integer), '
        ~ 'cast(extract(month from ' ~ birth_date ~ ') as integer), 1)',
        'extract(day from ' ~ birth_date ~ ') - 1'
    ) }}
{%- endmacro %}
