with

winning_rows as (
    {{ winning_rows('raw_pos', 'coupon_redemptions') }}
),

final as (
    select
        ---------- ids
        redemption_id,
        coupon_code,
        receipt_id,
        member_id,
        member_id_hash,
        campaign_id,

        ---------- numerics
        discount_amount,

        ---------- dates
        {{ company_date('redeemed_at') }} as redeemed_date,

        ---------- instants
        redeemed_at

    from winning_rows
)

select * from final
