"""One person: value, journey, purchases, contact, and why these records are one person."""

from __future__ import annotations

import streamlit as st

from dashboard.chapters import customer_contact, customer_identity, customer_sales, customer_way
from dashboard.data import Row
from dashboard.labels import labels
from dashboard.parts import Tile, switch, tiles
from dashboard.tables import Column, facts
from dashboard.view import View

_ONE = "select * from marts.customer_360 where customer_key = $key"
_ATTRIBUTES = """
select a.name, a.value, a.source, a.known_since
from marts.dim_customer d, unnest([
    {name: 'Gender', value: gender, source: gender_source, known_since: gender_as_of},
    {name: 'Age', value: age_band, source: age_band_source, known_since: age_band_as_of},
    {name: 'Prefecture', value: prefecture, source: prefecture_source,
        known_since: prefecture_as_of},
    {name: 'Postal area', value: postal_area, source: postal_area_source,
        known_since: postal_area_as_of},
    {name: 'Occupation', value: occupation, source: occupation_source,
        known_since: occupation_as_of},
    {name: 'Membership', value: member_tier, source: member_tier_source,
        known_since: member_tier_as_of},
    {name: 'Home store', value: home_store_id, source: home_store_id_source,
        known_since: home_store_id_as_of}
]) as u(a)
where d.customer_key = $key
"""
PARTS = {
    "person": lambda view, row: _person(view, row),
    "way": customer_way.show,
    "purchases": customer_sales.show,
    "contact": customer_contact.show,
    "identity": customer_identity.show,
}


def show(view: View) -> None:
    """Draw the page of the customer whose key stands in the address."""
    key = st.text_input(view.words("Customer key"), key="key", bind="query-params").strip()
    row = view.row(_ONE, key=key) if key else {}
    if not row:
        _nobody(view, key)
        return
    _headline(view, row)
    PARTS[switch(view, "Part", list(PARTS), "part")](view, row)


def _nobody(view: View, key: str) -> None:
    if key:
        st.warning(
            view.words(
                "No customer has this key in the published version. A key goes when two customers "
                "are found to be one, or when somebody is erased."
            )
        )
    else:
        st.info(view.words("Enter a key, or choose somebody on the page Find customers."))


def _headline(view: View, row: Row) -> None:
    text, words = view.text, view.words
    alive = text(row["p_alive"], "share")
    tiles(
        [
            Tile(words("RFM group"), view.label(row["rfm_group"]), _since_group(view, row)),
            Tile(words("Lifecycle"), view.label(row["lifecycle_status"])),
            Tile(
                words("Net sales, lifetime"),
                text(row["net_sales_lifetime"], "amount"),
                words("{orders} orders", orders=text(row["q_orders_lifetime"], "count")),
            ),
            Tile(
                words("Net sales, 365 days"),
                text(row["net_sales_365d"], "amount"),
                words("{orders} orders", orders=text(row["q_orders_365d"], "count")),
            ),
            Tile(
                words("Predicted, 365 days"),
                text(row["ltv_predicted_365d"], "amount"),
                view.label(row["prediction_status"]),
            ),
            Tile(
                words("Risk of leaving"),
                view.label(row["churn_risk_band"]),
                words("still a customer: {share}", share=alive),
            ),
        ]
    )


def _since_group(view: View, row: Row) -> str:
    found = view.row(
        "select months_in_group as months from marts.customer_rfm "
        "where customer_key = $key and rfm_window = 'lifetime'",
        key=row["customer_key"],
    )
    months = found.get("months")
    return view.words("for {months} months", months=months) if months else ""


def _person(view: View, row: Row) -> None:
    st.subheader(view.words("In figures"), anchor=False)
    codes = ("purchase_channels", labels(row["channels_365d"], view.words))
    facts(
        view,
        row | {codes[0]: codes[1], "categories": _categories(row)},
        (
            Column("member_since", "Member since", "date"),
            Column("home_store_id", "Home store"),
            Column("first_purchase_date", "First purchase", "date"),
            Column("last_purchase_date", "Last purchase", "date"),
            Column("next_purchase_expected_date", "Next purchase expected", "date"),
            Column("median_gap_days", "Days between purchases, median", "count"),
            Column("aov_lifetime", "Order value", "amount"),
            Column("aov_trend", "Order value, change in 90 days", "share"),
            Column("return_rate", "Returns", "share"),
            Column("discount_share", "Discounts", "share"),
            Column("categories", "Favourite categories"),
            Column("purchase_channels", "Channels, 365 days"),
            Column("points_used_365d", "Points used, 365 days", "count"),
            Column("coupons_redeemed_365d", "Coupons redeemed, 365 days", "count"),
            Column("referred_customers", "Customers brought", "count"),
            Column("ambassador_tier", "Ambassador", "code"),
        ),
    )
    _attributes(view, row)


def _categories(row: Row) -> str:
    return ", ".join(row[f"top_category_{i}"] for i in (1, 2, 3) if row[f"top_category_{i}"])


def _attributes(view: View, row: Row) -> None:
    from dashboard.tables import table

    st.subheader(view.words("What is known, from where, and how old it is"), anchor=False)
    rows = [
        found | {"name": view.words(found["name"]), "value": view.label(found["value"])}
        for found in view.rows(_ATTRIBUTES, key=row["customer_key"])
    ]
    table(
        view,
        rows,
        (
            Column("name", "Attribute"),
            Column("value", "Value"),
            Column("source", "Source", "source"),
            Column("known_since", "Known since", "date"),
        ),
    )
