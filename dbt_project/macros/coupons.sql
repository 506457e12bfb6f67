{#
    Coupons issued, each with whether it was redeemed, as the whole body of a CTE: one row a coupon
    and person. A code of one person was redeemed whoever showed it; one of many by those alone who
    hold it. Both relations leave internal accounts out already.
#}
{% macro redeemed_coupons(coupons, redemptions) -%}
    with

    count_holders as (
        select
            coupon_code,
            count(*) as holders
        from {{ coupons }}
        group by coupon_code
    ),

    redeemed_codes as (
        select distinct coupon_code from {{ redemptions }}
    ),

    redeemed_by_person as (
        select distinct
            coupon_code,
            person_id
        from {{ redemptions }}
        where person_id is not null
    )

    select
        issued.coupon_code,
        issued.campaign_id,
        issued.person_id,
        issued.issued_at,
        issued.expires_at,
        case
            when count_holders.holders = 1 then redeemed_codes.coupon_code is not null
            else redeemed_by_person.coupon_code is not null
        end as is_redeemed
    from {{ coupons }} as issued
    inner join count_holders on issued.coupon_code = count_holders.coupon_code
    left join redeemed_codes on issued.coupon_code = redeemed_codes.coupon_code
    left join redeemed_by_person
        on
            issued.coupon_code = redeemed_by_person.coupon_code
            and issued.person_id = redeemed_by_person.person_id
{%- endmacro %}
