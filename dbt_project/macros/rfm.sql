{#
    Score from 1 to 5 by quintile of `value`, 5 for the greatest. Ties share a score, which NTILE
    does not give: it would spread 80 equal customers over four scores.
#}
{% macro quintile_score(value, partition_by) -%}
    least(
        5,
        1 + cast(
            floor(
                5 * percent_rank() over (
                    partition by {{ partition_by }} order by {{ value }} asc nulls last
                )
            ) as bigint
        )
    )
{%- endmacro %}


{#
    Mean of the scores of frequency and money, half points rounded up: the published grid leaves
    half points open, and rounding up fills each of its cells without contradicting one.
#}
{% macro fm_score(f_score, m_score) -%}
    cast(ceil(({{ f_score }} + {{ m_score }}) / 2.0) as bigint)
{%- endmacro %}


{# Group of a cell of the recency by frequency-and-money grid (Shopify's eleven groups). #}
{% macro rfm_group(r_score, fm_score) -%}
    case
        when {{ fm_score }} = 5 and {{ r_score }} = 5 then 'CHAMPIONS'
        when {{ fm_score }} = 5 and {{ r_score }} <= 2 then 'PREVIOUSLY_LOYAL'
        when {{ fm_score }} = 4 and {{ r_score }} = 5 then 'CHAMPIONS'
        when {{ fm_score }} >= 4 and {{ r_score }} >= 3 then 'LOYAL'
        when {{ fm_score }} >= 3 and {{ r_score }} <= 2 then 'AT_RISK'
        when {{ fm_score }} = 3 and {{ r_score }} = 3 then 'NEEDS_ATTENTION'
        when {{ fm_score }} >= 2 and {{ r_score }} >= 4 then 'ACTIVE'
        when {{ fm_score }} <= 2 and {{ r_score }} <= 2 then 'DORMANT'
        when {{ fm_score }} <= 2 and {{ r_score }} = 3 then 'ALMOST_LOST'
        when {{ fm_score }} = 1 and {{ r_score }} = 4 then 'PROMISING'
        when {{ fm_score }} = 1 and {{ r_score }} = 5 then 'NEW'
    end
{%- endmacro %}
