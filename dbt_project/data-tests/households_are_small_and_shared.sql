-- Every household has two customers or more, as many as its rows say, and no more than the setting.
select
    household_key,
    count(*) as customers,
    min(n_customers) as least_said,
    max(n_customers) as most_said
from {{ ref('household') }}
group by household_key
having
    count(*) < 2
    or count(*) > {{ var('household_max_customers') }}
    or min(n_customers) <> count(*)
    or max(n_customers) <> count(*)
