"""Answers to surveys as they arrived."""

from expectations.contract_rules import raw_suite
from expectations.model import between

SUITE = raw_suite(
    "raw_support.survey_responses",
    between("score", 0, "{max_survey_score}"),
)
