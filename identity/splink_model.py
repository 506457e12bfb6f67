"""What Splink compares of two records, and in which degrees of likeness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from identity.plain_records import COLUMNS

if TYPE_CHECKING:
    import duckdb
    from splink import SettingsCreator
    from splink.internals.comparison_creator import ComparisonCreator

_COMPARED_WITHIN = (
    *(("line",), ("email",), ("phone",), ("address",)),
    *(("birth_date",), ("kanji",), ("romaji",)),
)
"""Two records are compared when one of these is equal."""

_SURE = (("line",), ("kanji", "birth_date"), ("romaji", "birth_date"), ("email", "romaji"))
_SURE_RECALL = 0.7
"""Pairs that are one person beyond doubt, and their share of all such pairs, roughly: from them
follows how probable it is that two records drawn by lot are one person, where Splink begins."""

_NO_COMMON_SCRIPT = (
    "(kanji_l is null or kanji_r is null) and (romaji_l is null or romaji_r is null)"
)
_SAME_GIVEN_NAME = "given_kanji_l = given_kanji_r or given_romaji_l = given_romaji_r"
_OTHER_GIVEN_NAME = (
    "coalesce(jaro_winkler_similarity(given_romaji_l, given_romaji_r) < 0.85, "
    "jaro_winkler_similarity(given_kanji_l, given_kanji_r) < 0.85, false)"
)
"""Brothers and sisters: a family name makes most of a name, so their whole names look alike."""

_VERY_LIKE = (
    "(jaro_winkler_similarity(kanji_l, kanji_r) >= 0.92 "
    f"or jaro_winkler_similarity(romaji_l, romaji_r) >= 0.92) and not {_OTHER_GIVEN_NAME}"
)
_LIKE = f"jaro_winkler_similarity(romaji_l, romaji_r) >= 0.8 and not {_OTHER_GIVEN_NAME}"


def settings(scratch: duckdb.DuckDBPyConnection) -> SettingsCreator:
    """Splink's settings for table `records` of a database: columns without values are left out."""
    from splink import SettingsCreator, block_on

    known = _columns_with_values(scratch)
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[made for columns, made in _comparisons() if not known.isdisjoint(columns)],
        blocking_rules_to_generate_predictions=[
            block_on(*columns) for columns in _COMPARED_WITHIN if set(columns) <= known
        ],
        probability_two_random_records_match=_share_of_sure_pairs(scratch) / _SURE_RECALL,
        retain_matching_columns=False,
    )


def _comparisons() -> list[tuple[tuple[str, ...], ComparisonCreator]]:
    """What is compared and in which degrees, with the columns of which one must have values."""
    import splink.comparison_level_library as levels
    from splink import comparison_library as library

    name = library.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            levels.CustomLevel(_NO_COMMON_SCRIPT).configure(is_null_level=True),
            levels.ExactMatchLevel("kanji", term_frequency_adjustments=True),
            levels.ExactMatchLevel("romaji", term_frequency_adjustments=True),
            levels.CustomLevel(_VERY_LIKE),
            levels.CustomLevel(_SAME_GIVEN_NAME),
            levels.CustomLevel(_LIKE),
            levels.ElseLevel(),
        ],
    )
    return [
        (("kanji", "romaji"), name),
        (("birth_date",), library.DateOfBirthComparison("birth_date", input_is_string=True)),
        (("email",), library.JaroWinklerAtThresholds("email", [0.92])),
        (("phone",), library.DamerauLevenshteinAtThresholds("phone", [1])),
        (("line",), library.ExactMatch("line")),
        (("address",), library.JaroWinklerAtThresholds("address", [0.95, 0.85])),
        (("postal_code",), library.LevenshteinAtThresholds("postal_code", [1])),
    ]


def _columns_with_values(scratch: duckdb.DuckDBPyConnection) -> set[str]:
    counts = ", ".join(f"count({column})" for column in COLUMNS)
    row = scratch.execute(f"select {counts} from records").fetchone()
    return {column for column, count in zip(COLUMNS, row, strict=True) if count}


def _share_of_sure_pairs(scratch: duckdb.DuckDBPyConnection) -> float:
    """Share of all pairs that are one person beyond doubt; never 0, which nothing could correct."""
    pairs = " union ".join(
        "select a.unique_id, b.unique_id from records as a join records as b on "
        + " and ".join(f"a.{column} = b.{column}" for column in columns)
        + " and a.unique_id < b.unique_id"
        for columns in _SURE
    )
    (sure, records) = scratch.execute(
        f"select (select count(*) from ({pairs})), count(*) from records"
    ).fetchone()
    return max(sure, 1) / (records * (records - 1) / 2)
