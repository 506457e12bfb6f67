"""The truth about the demo: `<home>/truth/`. No part of the pipeline reads it.

Tables: people, records (which person each record is of), future_purchases, campaign_lifts,
affinities, trials; noise.json holds the rates at which records say less or other than the truth.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from demo import (
    identities,
    life,
    member_values,
    registrations,
    requester_rows,
    spelling,
    subscriber_rows,
)
from demo.baskets import affinities
from demo.calendar import dates_of
from demo.campaign_truth import campaign_lifts
from demo.columns import words
from demo.purchases import future_purchases, process_parameters
from demo.segments import SEGMENTS
from demo.trials import trials

if TYPE_CHECKING:
    from demo.world import World

NOISE = "noise.json"


def write_truth(world: World, folder: Path) -> None:
    """Write every table of the truth as Parquet, and the rates."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in _tables(world):
        pq.write_table(table, folder / f"{name}.parquet")
    text = json.dumps(noise(), indent=2, sort_keys=True)
    (folder / NOISE).write_text(text + "\n", encoding="utf-8")


def _tables(world: World) -> Iterator[tuple[str, pa.Table]]:
    yield "people", people(world)
    yield "records", records(world)
    yield "future_purchases", future_purchases(world)
    yield "campaign_lifts", campaign_lifts(world)
    yield "affinities", affinities()
    yield "trials", trials(world)


def people(world: World) -> pa.Table:
    """One row a person, those who join in the horizon included."""
    population = world.population
    parameters = process_parameters(world)
    table = pa.table(
        {
            "person_id": pa.array(np.arange(population.n, dtype=np.int32)),
            "household_id": pa.array(population.household),
            "segment": words([segment.name for segment in SEGMENTS], population.segment),
            "first_day": pa.array(dates_of(population.first_day)),
            "is_company": pa.array(population.is_company),
            "is_child": pa.array(population.is_child),
            "is_staff": pa.array(population.is_staff),
        }
    )
    for name in parameters.column_names:
        if name != "person_id":
            table = table.append_column(name, parameters[name])
    return table


def records(world: World) -> pa.Table:
    """One row a record of a person in a source: those made in the horizon too, by `created_on`."""
    population = world.population
    sources = {
        "pos": population.members,
        "email": population.subscribers,
        "support": population.requesters,
    }
    parts = [
        pa.table(
            {
                "source_system": pa.repeat(source, len(found)),
                "source_id": pa.array(found.source_id),
                "person_id": pa.array(found.person),
                "created_on": pa.array(dates_of(found.created_day)),
            }
        )
        for source, found in sources.items()
    ]
    return pa.concat_tables(parts)


def noise() -> dict[str, float]:
    """The rates by which records differ from the truth, by name."""
    return {
        "card_phone_dummy": member_values.PHONES["dummy"],
        "card_phone_landline": member_values.PHONES["landline"],
        "card_phone_missing": member_values.PHONES["none"],
        "card_kanji": member_values.HAS_KANJI,
        "card_kana": member_values.HAS_KANA,
        "card_birth_date": member_values.HAS_BIRTH_DAY,
        "card_email": member_values.HAS_EMAIL,
        "card_line_id": member_values.HAS_LINE_ID,
        "account_email": member_values.ACCOUNT_HAS_EMAIL,
        "birth_date_wrong": spelling.WRONG_BIRTH_DAY,
        "typo": spelling.TYPO,
        "other_writing_of_kanji": spelling.OTHER_WRITING,
        "children_with_a_parents_mail": identities.CHILD_USES_PARENTS_MAIL,
        "adults_with_anothers_mail": identities.ADULT_USES_ANOTHERS_MAIL,
        "moved": life.MOVES,
        "changed_number": life.CHANGES_NUMBER,
        "women_under_maiden_name": life.MARRIES,
        "takes_a_second_card": registrations.SECOND_CARD_SHARE,
        "subscribers_naming_their_account": subscriber_rows.NAMES_MEMBER,
        "requesters_naming_a_member": requester_rows.NAMES_MEMBER,
    }
