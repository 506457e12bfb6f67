"""Ids of the rules that join two records, as the seed `identity_rules` orders and weighs them."""

from __future__ import annotations

RULES = (
    "manual",
    "same_member_id",
    "same_line_id",
    "name_and_birth_date",
    "same_email",
    "same_phone",
    "splink",
    "name_and_address",
    "email_without_name",
    "phone_without_name",
)

SWITCHABLE = tuple(rule for rule in RULES if rule not in ("manual", "splink"))
"""Rules that the setting `rules_off` may name."""
