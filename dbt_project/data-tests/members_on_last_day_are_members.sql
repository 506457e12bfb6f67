-- The KPI's members on the as-of date are the members of the dimension.
select
    members.numerator,
    customers.members
from (
    select sum(numerator) as numerator
    from {{ ref('kpi_daily') }}
    where kpi = 'members' and business_date = {{ as_of_date() }}
) as members
cross join (
    select count(*) as members from {{ ref('dim_customer') }} where is_member and not is_internal
) as customers
where members.numerator is distinct from customers.members
