{{ config(
    materialized='kept', prints='stg_arrival_prints', kept_by='coupon_code',
    touched='stg_touched_keys', touched_key='key_value',
    touched_where="table_name = 'raw_pos.coupons_issued'"
) }}

with

winning_rows as (
    {{ winning_rows('raw_pos', 'coupons_issued') }}
),

final as (
    select
        ---------- ids
        coupon_code,
        member_id,
        member_id_hash,
        campaign_id,

        ---------- dates
        {{ company_date('issued_at') }} as issued_date,

        ---------- instants
        issued_at,
        expires_at

    from winning_rows
)

select * from final
