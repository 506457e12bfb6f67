"""Versions of members: what was on record when."""

from expectations.model import Suite, no_result, not_null, reconciles, unique

SUITE = Suite(
    "staging.stg_pos__member_versions",
    ("member_id_hash", "updated_at"),
    (
        unique(("member_id", "updated_at")),
        not_null("member_id"),
        not_null("member_id_hash"),
        not_null("updated_at"),
        reconciles(
            "every_member_has_versions",
            "select count(distinct member_id) from {table}",
            "select count(*) from staging.stg_pos__members",
            "Members and their versions are not the same people: report it.",
        ),
        no_result(
            "last_version_is_the_winner",
            "select member_id_hash, max(updated_at) as updated_at from {table} "
            "group by member_id_hash except "
            "select member_id_hash, updated_at from staging.stg_pos__members",
            "The newest version of a member is not the one that staging chose: report it.",
        ),
    ),
)
