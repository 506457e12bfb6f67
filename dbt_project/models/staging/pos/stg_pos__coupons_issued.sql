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
