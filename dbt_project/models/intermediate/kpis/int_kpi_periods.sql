with

targets as (
    select
        *,
        {{ days_between('period_start', 'period_end') }} + 1 as days,
        {{ days_between('period_start', 'measured_to') }} + 1 as elapsed_days
    from {{ ref('int_kpi_targets') }}
),

campaigns as (
    select * from {{ ref('stg_email__campaigns') }}
),

-- A campaign's days since it was sent, and the same weekdays so many whole weeks before.
list_campaign_periods as (
    select
        targets.*,
        campaigns.sent_date,
        7 * cast(
            ceil(({{ days_between('campaigns.sent_date', 'targets.measured_to') }} + 1) / 7.0)
            as integer
        ) as days_back
    from targets
    inner join campaigns
        on
            targets.campaign_id = campaigns.campaign_id
            and campaigns.sent_date <= targets.measured_to
),

list_periods as (
    select line, 'actual' as part, period_start as from_date, measured_to as to_date
    from targets
    union all
    select
        line,
        'base',
        {{ add_months('period_start', '-12') }},
        {{ end_a_year_before('period_start', 'period_end') }}
    from targets
    where basis in ('yoy_abs', 'yoy_pct')
    union all
    select
        line,
        'base',
        {{ add_days('period_start', '-1') }},
        {{ add_days('period_start', '-1') }}
    from targets
    where basis = 'delta_from_start'
    union all
    -- Where a stock stood when the period began.
    select
        line,
        'start',
        {{ add_days('period_start', '-1') }},
        {{ add_days('period_start', '-1') }}
    from targets
    where kind in ('stock', 'stock_rate')
    union all
    select
        line,
        'previous',
        case
            when kind = 'month_rate' then {{ add_months('period_start', '-1') }}
            else {{ add_days('period_start', '-days') }}
        end,
        case
            when kind = 'month_rate' and measured_to < period_end
                then {{ add_months('measured_to', '-1') }}
            else {{ add_days('period_start', 'elapsed_days - 1 - days') }}
        end
    from targets
    union all
    select
        line,
        'year_before',
        {{ add_months('period_start', '-12') }},
        {{ end_a_year_before('period_start', 'measured_to') }}
    from targets
    union all
    select line, 'after_campaign', sent_date, measured_to from list_campaign_periods
    union all
    select
        line,
        'before_campaign',
        {{ add_days('sent_date', '-days_back') }},
        {{ add_days('measured_to', '-days_back') }}
    from list_campaign_periods
),

final as (
    select
        list_periods.line,
        list_periods.part,
        targets.kpi,
        targets.subject,
        targets.kind,
        targets.scope_type,
        targets.scope_key,
        cast(list_periods.from_date as date) as from_date,
        cast(list_periods.to_date as date) as to_date
    from list_periods
    inner join targets on list_periods.line = targets.line
    where list_periods.to_date is not null
)

select * from final
