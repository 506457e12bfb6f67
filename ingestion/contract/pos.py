"""The register's tables: shops, staff, goods, members, receipts and what hangs on them."""

from ingestion.contract.identity import ADDRESS_KEYS, EMAIL_KEYS, LINE_KEYS, NAME_KEYS, PHONE_KEYS
from ingestion.contract.model import Column, Feed, Kind, Privacy, Table

DATASET = "raw_pos"
PERSONAL, KEYED = Privacy.PERSONAL, Privacy.KEYED

STORES = Table(
    DATASET,
    "stores",
    "One row a shop, online shop or app that sells.",
    key=("store_id",),
    never_empty=True,
    columns=(
        Column("store_id", Kind.TEXT, "The register's id of the store.", required=True),
        Column("name", Kind.TEXT, "Name of the store.", required=True),
        Column(
            "channel",
            Kind.TEXT,
            "Where it sells: store, ec (online shop) or app.",
            required=True,
            allowed=("store", "ec", "app"),
        ),
        Column("timezone", Kind.TEXT, "IANA time zone of the store.", required=True),
        Column(
            "currency",
            Kind.TEXT,
            "ISO 4217 code of the store's currency.",
            required=True,
            currency=True,
        ),
        Column(
            "day_cutover_hour",
            Kind.INTEGER,
            "Local hour at which the store's business day ends; 0 when it is midnight.",
        ),
        Column("prefecture", Kind.TEXT, "Prefecture or state."),
        Column("opened_on", Kind.DATE, "First day of business."),
        Column("closed_on", Kind.DATE, "Last day of business; empty while the store is open."),
    ),
)

STAFF = Table(
    DATASET,
    "staff",
    "One row a member of staff.",
    key=("staff_id",),
    columns=(
        Column("staff_id", Kind.TEXT, "The register's id of the staff member.", required=True),
        Column("store_id", Kind.TEXT, "The store where the person works."),
        Column("name", Kind.TEXT, "Name of the staff member.", privacy=PERSONAL),
        Column("is_active", Kind.BOOLEAN, "Whether the person works there now."),
    ),
)

PRODUCTS = Table(
    DATASET,
    "products",
    "One row a product of the register's master.",
    key=("product_id",),
    columns=(
        Column("product_id", Kind.TEXT, "The register's id of the product.", required=True),
        Column("name", Kind.TEXT, "Name of the product.", required=True),
        Column("category_1", Kind.TEXT, "Widest category (department)."),
        Column("category_2", Kind.TEXT, "Middle category."),
        Column("category_3", Kind.TEXT, "Narrowest category."),
        Column("list_price", Kind.PRICE, "Price on the shelf, in the store's currency."),
        Column("unit_cost", Kind.PRICE, "Cost of one unit, excluding tax."),
        Column("tax_rate", Kind.RATE, "Rate of consumption tax as a fraction: 0.08, 0.10."),
        Column("is_merchandise", Kind.BOOLEAN, "False for postage, bags, adjustments."),
        Column("is_active", Kind.BOOLEAN, "Whether the product is sold now."),
        Column("is_replenishable", Kind.BOOLEAN, "Whether people buy it again and again."),
        Column("is_sample", Kind.BOOLEAN, "Whether it is a sample given to try."),
        Column("membership_months", Kind.INTEGER, "Months of a membership that is sold."),
    ),
)

MEMBERS = Table(
    DATASET,
    "members",
    "One row a member of the loyalty programme.",
    key=("member_id",),
    version_at="updated_at",
    key_groups=(EMAIL_KEYS, PHONE_KEYS, LINE_KEYS, NAME_KEYS, ADDRESS_KEYS),
    columns=(
        Column(
            "member_id", Kind.TEXT, "The register's id of the member.", required=True, privacy=KEYED
        ),
        Column("card_number", Kind.TEXT, "Number of the card.", privacy=PERSONAL),
        Column("family_name", Kind.TEXT, "Family name.", privacy=PERSONAL),
        Column("given_name", Kind.TEXT, "Given name.", privacy=PERSONAL),
        Column("name", Kind.TEXT, "Whole name, where it is not split.", privacy=PERSONAL),
        Column("family_kana", Kind.TEXT, "Family name in kana.", privacy=PERSONAL),
        Column("given_kana", Kind.TEXT, "Given name in kana.", privacy=PERSONAL),
        Column("name_kana", Kind.TEXT, "Whole name in kana.", privacy=PERSONAL),
        Column("name_romaji", Kind.TEXT, "Whole name in Latin letters.", privacy=PERSONAL),
        Column("company", Kind.TEXT, "Company of a business member.", privacy=PERSONAL),
        Column("email", Kind.TEXT, "E-mail address.", privacy=PERSONAL),
        Column("phone", Kind.TEXT, "Phone number.", privacy=PERSONAL),
        Column("birth_date", Kind.DATE, "Date of birth."),
        Column("gender", Kind.TEXT, "Gender as the member gave it."),
        Column("postal_code", Kind.TEXT, "Postal code."),
        Column("prefecture", Kind.TEXT, "Prefecture or state of the address."),
        Column("city", Kind.TEXT, "City or ward of the address."),
        Column("address", Kind.TEXT, "Rest of the address.", privacy=PERSONAL),
        Column("occupation", Kind.TEXT, "Occupation."),
        Column("line_user_id", Kind.TEXT, "LINE user id.", privacy=PERSONAL),
        Column("app_user_id", Kind.TEXT, "Id in the retailer's app.", privacy=PERSONAL),
        Column("tier", Kind.TEXT, "Tier of the membership."),
        Column("home_store_id", Kind.TEXT, "The store where the member enrolled or shops."),
        Column("joined_at", Kind.INSTANT, "Instant of enrolment."),
        Column("left_at", Kind.INSTANT, "Instant of leaving the programme."),
        Column("referred_by_member_id", Kind.TEXT, "Member who referred this one.", privacy=KEYED),
        Column("is_internal", Kind.BOOLEAN, "True for staff and owner accounts."),
        Column("updated_at", Kind.INSTANT, "Instant of the last change.", required=True),
    ),
)

RECEIPTS = Table(
    DATASET,
    "receipts",
    "One row a receipt that the register closed.",
    key=("receipt_id",),
    version_at="updated_at",
    never_empty=True,
    columns=(
        Column("receipt_id", Kind.TEXT, "The register's id of the receipt.", required=True),
        Column("store_id", Kind.TEXT, "The store that sold.", required=True),
        Column("closed_at", Kind.INSTANT, "Instant at which it was closed.", required=True),
        Column(
            "receipt_type",
            Kind.TEXT,
            "sale, return, void (cancels the receipt it names) or training.",
            required=True,
            allowed=("sale", "return", "void", "training"),
        ),
        Column(
            "business_date",
            Kind.DATE,
            "The register's own business date; wins over the computed one.",
        ),
        Column("register_id", Kind.TEXT, "The register in the store."),
        Column("staff_id", Kind.TEXT, "The member of staff at the register."),
        Column("member_id", Kind.TEXT, "The member who showed a card.", privacy=KEYED),
        Column("original_receipt_id", Kind.TEXT, "The receipt that this one returns or voids."),
        Column("customer_count", Kind.INTEGER, "People served, where the register counts them."),
        Column("total_inc_tax", Kind.MONEY, "Total of the receipt with tax.", required=True),
        Column("tax_total", Kind.MONEY, "Tax in the total."),
        Column(
            "discount_total",
            Kind.MONEY,
            "All discounts of the receipt, those on its lines included; positive on a sale.",
        ),
        Column("points_used", Kind.MONEY, "Points redeemed, in the currency's unit."),
        Column("points_earned", Kind.MONEY, "Points earned."),
        Column("currency", Kind.TEXT, "ISO 4217 code; the store's when empty.", currency=True),
        Column("updated_at", Kind.INSTANT, "Instant of the last change.", required=True),
    ),
)

RECEIPT_LINES = Table(
    DATASET,
    "receipt_lines",
    "One row a line of a receipt.",
    key=("receipt_id", "line_no"),
    parent_key="receipt_id",
    never_empty=True,
    columns=(
        Column("receipt_id", Kind.TEXT, "The receipt of the line.", required=True),
        Column("line_no", Kind.INTEGER, "Number of the line in its receipt.", required=True),
        Column("product_id", Kind.TEXT, "The product sold.", required=True),
        Column("quantity", Kind.QUANTITY, "Units, negative on a return.", required=True),
        Column("unit_price", Kind.PRICE, "Price of a unit before discount.", required=True),
        Column(
            "line_amount",
            Kind.MONEY,
            "quantity × unit_price − discount_amount; tax as tax_included says.",
            required=True,
        ),
        Column("list_price", Kind.PRICE, "Price on the shelf at that moment."),
        Column("discount_amount", Kind.MONEY, "Discount of this line alone."),
        Column("tax_rate", Kind.RATE, "Rate of tax as a fraction; the product's when empty."),
        Column("tax_amount", Kind.MONEY, "Tax of the line; computed when empty."),
        Column("tax_included", Kind.BOOLEAN, "Whether line_amount includes tax."),
        Column(
            "line_type",
            Kind.TEXT,
            "sale, return, gift_card_sale, point_charge, deposit or fee.",
            required=True,
            allowed=("sale", "return", "gift_card_sale", "point_charge", "deposit", "fee"),
        ),
        Column("original_line_no", Kind.INTEGER, "The line of the original that is returned."),
    ),
)

PAYMENTS = Table(
    DATASET,
    "payments",
    "One row a tender of a receipt.",
    key=("receipt_id", "payment_no"),
    parent_key="receipt_id",
    columns=(
        Column("receipt_id", Kind.TEXT, "The receipt that was paid.", required=True),
        Column("payment_no", Kind.INTEGER, "Number of the tender.", required=True),
        Column(
            "method",
            Kind.TEXT,
            "How it was paid.",
            required=True,
            allowed=(
                "cash",
                "card",
                "code",
                "emoney",
                "gift_card",
                "points",
                "voucher",
                "credit",
                "other",
            ),
        ),
        Column(
            "amount", Kind.MONEY, "Amount of the tender, negative when paid out.", required=True
        ),
    ),
)

COUPON_REDEMPTIONS = Table(
    DATASET,
    "coupon_redemptions",
    "One row a coupon that was redeemed.",
    key=("redemption_id",),
    parent_key="receipt_id",
    columns=(
        Column("redemption_id", Kind.TEXT, "Id of the redemption.", required=True),
        Column("coupon_code", Kind.TEXT, "Code of the coupon.", required=True),
        Column("receipt_id", Kind.TEXT, "The receipt, where the register knows it."),
        Column("member_id", Kind.TEXT, "The member who redeemed.", privacy=KEYED),
        Column("campaign_id", Kind.TEXT, "The campaign of the coupon."),
        Column("redeemed_at", Kind.INSTANT, "Instant of the redemption."),
        Column("discount_amount", Kind.MONEY, "Discount that it gave."),
    ),
)

COUPONS_ISSUED = Table(
    DATASET,
    "coupons_issued",
    "One row a coupon handed to a member.",
    key=("coupon_code", "member_id"),
    columns=(
        Column("coupon_code", Kind.TEXT, "Code of the coupon.", required=True),
        Column("member_id", Kind.TEXT, "Who received it.", required=True, privacy=KEYED),
        Column("campaign_id", Kind.TEXT, "The campaign of the coupon."),
        Column("issued_at", Kind.INSTANT, "Instant of issue."),
        Column("expires_at", Kind.INSTANT, "Instant of expiry."),
    ),
)

REGISTER_CLOSINGS = Table(
    DATASET,
    "register_closings",
    "One row a register's own closing report of a day: the control total of that day.",
    key=("store_id", "register_id", "business_date"),
    columns=(
        Column("store_id", Kind.TEXT, "The store.", required=True),
        Column("register_id", Kind.TEXT, "The register.", required=True),
        Column("business_date", Kind.DATE, "The business date that was closed.", required=True),
        Column("receipt_count", Kind.INTEGER, "Sales and returns of the day.", required=True),
        Column("sales_inc_tax", Kind.MONEY, "Σ total_inc_tax of the day's sales.", required=True),
        Column(
            "returns_inc_tax",
            Kind.MONEY,
            "Σ total_inc_tax of the day's returns, negative.",
            required=True,
        ),
    ),
)

POS = Feed(
    "pos",
    "Point of sale: registers, online shop and app.",
    tables=(
        STORES,
        STAFF,
        PRODUCTS,
        MEMBERS,
        RECEIPTS,
        RECEIPT_LINES,
        PAYMENTS,
        COUPON_REDEMPTIONS,
        COUPONS_ISSUED,
        REGISTER_CLOSINGS,
    ),
)
