"""What the suites of the RFM marts share: the groups, and the published codes that lead to them."""

from expectations.model import Rule, in_set, no_result, no_rows, not_null

GRID = {
    5: ("PREVIOUSLY_LOYAL", "PREVIOUSLY_LOYAL", "LOYAL", "LOYAL", "CHAMPIONS"),
    4: ("AT_RISK", "AT_RISK", "LOYAL", "LOYAL", "CHAMPIONS"),
    3: ("AT_RISK", "AT_RISK", "NEEDS_ATTENTION", "ACTIVE", "ACTIVE"),
    2: ("DORMANT", "DORMANT", "ALMOST_LOST", "ACTIVE", "ACTIVE"),
    1: ("DORMANT", "DORMANT", "ALMOST_LOST", "PROMISING", "NEW"),
}
"""Groups by score of frequency and money, from recency 1 to recency 5."""
KLAVIYO_CODES = {
    "CHAMPIONS": ("333", "332", "323"),
    "LOYAL": ("321", "322", "331", "232", "233"),
    "RECENT": ("312", "313", "311", "222", "223"),
    "NEEDS_ATTENTION": ("213", "221", "123", "132", "133"),
    "AT_RISK": ("231", "212", "122", "131", "211"),
    "INACTIVE": ("111", "112", "113", "121"),
}
WINDOWS = ("lifetime", "365d")
GROUPS = tuple(dict.fromkeys(group for row in GRID.values() for group in row))
KLAVIYO_GROUPS = tuple(KLAVIYO_CODES)
SCORES = "r_score, f_score, m_score, fm_score"


def score_rules(unscored: tuple[str, ...]) -> tuple[Rule, ...]:
    """Rules of a table with scores and both groups; `unscored` are the groups without scores."""
    return (
        in_set("rfm_window", WINDOWS, acceptable=False),
        not_null("rfm_group"),
        in_set("rfm_group", (*GROUPS, *unscored), acceptable=False),
        not_null("klaviyo_group"),
        in_set("klaviyo_group", (*KLAVIYO_GROUPS, *unscored), acceptable=False),
        no_rows(
            "scores_in_range",
            f"least({SCORES}) < 1 or greatest({SCORES}) > 5",
            "Scores run from 1 to 5: report it.",
            acceptable=False,
        ),
        no_rows(
            "scored_or_named_why_not",
            f"(rfm_group in {_listed(unscored)}) <> (r_score is null) "
            "or (r_score is null) <> (f_score is null) or (r_score is null) <> (m_score is null) "
            "or (r_score is null) <> (fm_score is null) "
            "or (r_score is null) <> (klaviyo_score is null)",
            "A customer has either all scores and a group, or none and the reason in place of the "
            "group: report it.",
            acceptable=False,
        ),
        no_rows(
            "one_reason_without_scores",
            "r_score is null and rfm_group <> klaviyo_group",
            "Without scores both groups must give the same reason: report it.",
            acceptable=False,
        ),
        _every_cell_named(),
        _every_klaviyo_code_named(),
    )


def _every_cell_named() -> Rule:
    # any_value: else the engine compares the names before it groups, in millions of rows.
    cells = {
        f"{recency}{fm}": group
        for fm, groups in GRID.items()
        for recency, group in enumerate(groups, start=1)
    }
    return no_result(
        "cells_have_their_group",
        "select r_score, fm_score, rfm_group from {table} where r_score is not null "
        "group by r_score, fm_score, rfm_group having any_value(rfm_group) is distinct from "
        f"{_case('cast(r_score * 10 + fm_score as varchar)', cells)}",
        "A cell of recency by frequency and money has not the group of the grid: report it.",
        row_id=("r_score", "fm_score", "rfm_group"),
    )


def _every_klaviyo_code_named() -> Rule:
    codes = {code: group for group, codes in KLAVIYO_CODES.items() for code in codes}
    return no_result(
        "klaviyo_codes_have_their_group",
        "select klaviyo_score, klaviyo_group from {table} where klaviyo_score is not null "
        "group by klaviyo_score, klaviyo_group having any_value(klaviyo_group) is distinct from "
        f"{_case('klaviyo_score', codes)}",
        "A code of Klaviyo's scores has not the group of the list: report it.",
        row_id=("klaviyo_score", "klaviyo_group"),
    )


def _case(value: str, names: dict[str, str]) -> str:
    branches = " ".join(f"when '{key}' then '{name}'" for key, name in names.items())
    return f"case {value} {branches} end"


def _listed(values: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"
