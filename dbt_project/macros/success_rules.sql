{#
    The measures that a success rule may name: names of the column of campaign_performance, others
    included that kpi_daily or a mail tool calls it by; `less` of it is better; it is `late`, known
    only when the attribution window has closed and the coupons have expired.
#}
{% macro success_metrics() -%}
    {{ return({
        'open_rate_human': {'names': ['open_rate_human', 'email_human_open_rate', 'open_rate']},
        'open_rate_all': {'names': ['open_rate_all']},
        'click_rate': {'names': ['click_rate', 'email_click_rate', 'ctr']},
        'click_to_open_rate': {'names': ['click_to_open_rate', 'ctor']},
        'delivery_rate': {'names': ['delivery_rate']},
        'hard_bounce_rate': {
            'names': ['hard_bounce_rate', 'email_hard_bounce_rate'], 'less': true
        },
        'soft_bounce_rate': {'names': ['soft_bounce_rate'], 'less': true},
        'unsub_rate': {
            'names': ['unsub_rate', 'unsubscribe_rate', 'email_unsubscribe_rate'], 'less': true
        },
        'complaint_rate': {'names': ['complaint_rate'], 'less': true},
        'conversion_rate': {'names': ['conversion_rate'], 'late': true},
        'redemption_rate': {'names': ['redemption_rate'], 'late': true},
    }) }}
{%- endmacro %}


{# Names as an SQL list: all of them, or those of the kind `less` or `late`. #}
{% macro success_metric_names(kind=none) -%}
    {%- set names = [] -%}
    {%- for metric in success_metrics().values() if kind is none or metric.get(kind) -%}
        {%- do names.extend(metric['names']) -%}
    {%- endfor -%}
    ('{{ names | join("', '") }}')
{%- endmacro %}
