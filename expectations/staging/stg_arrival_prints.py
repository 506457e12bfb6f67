"""What arrived, by which staging that is kept between nights knows the keys to work out."""

from expectations.model import Suite, not_null, unique

SUITE = Suite(
    "staging.stg_arrival_prints",
    ("arrival", "began"),
    (unique(("arrival", "began")), not_null("arrival"), not_null("print")),
)
