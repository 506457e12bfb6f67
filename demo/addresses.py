"""Addresses of households: where they live before and after a move, and how that is written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from demo.names import Text
from demo.places import place_of_store, places
from demo.population import Population
from demo.streams import Draws

_MOVES_FAR = 0.3
_HAS_BUILDING = 0.55
_OMITS_BUILDING = 0.25
_FORMS = (0.30, 0.32, 0.08, 0.16, 0.06, 0.08)
_BUILDINGS = (
    "メゾン",
    "コーポ",
    "グランド",
    "パーク",
    "ハイツ",
    "レジデンス",
    "サンライズ",
    "第二",
)
_KINDS = ("青葉", "若葉", "光", "緑", "桜", "花", "虹", "泉")
_KANJI_DIGITS = "〇一二三四五六七八九"
_FULL_WIDTH = str.maketrans("0123456789-", "０１２３４５６７８９－")


@dataclass(frozen=True)
class Addresses:
    """Addresses of some people: arrays of one length; `building` is '' for a house."""

    place: NDArray[np.int64]
    town: NDArray[np.int64]
    chome: NDArray[np.int64]
    block: NDArray[np.int64]
    house: NDArray[np.int64]
    building: Text
    room: NDArray[np.int64]

    @property
    def prefecture(self) -> Text:
        return np.array([place.prefecture for place in places()], dtype=object)[self.place]

    @property
    def city(self) -> Text:
        return np.array([place.city for place in places()], dtype=object)[self.place]

    def postal_code(self) -> Text:
        """Seven digits with a hyphen; one code a town."""
        codes = [place.postal for place in places()]
        towns = (self.town + 1) * 11 + self.place % 10
        pairs = zip(self.place.tolist(), towns.tolist(), strict=True)
        return np.array([f"{codes[place]}-{town:04d}" for place, town in pairs], dtype=object)

    def written(self, draws: Draws, source: str, ids: NDArray) -> Text:
        """Town, house number and building as the records `ids` of a source write them."""
        towns = [place.towns for place in places()]
        form = draws.choice(f"{source} address form", ids, _FORMS)
        omits = draws.chance(f"{source} building", ids, _OMITS_BUILDING)
        rows = zip(
            form.tolist(), self.place.tolist(), self.town.tolist(), self.chome.tolist(),
            self.block.tolist(), self.house.tolist(), strict=True,
        )  # fmt: skip
        number = [_number(f, towns[p][t], c, b, h) for f, p, t, c, b, h in rows]
        flat = [
            "" if omitted or not building else f"　{building}{room}"
            for omitted, building, room in zip(
                omits.tolist(), self.building, self.room.tolist(), strict=True
            )
        ]
        return np.array(number, dtype=object) + np.array(flat, dtype=object)


def addresses(population: Population, persons: NDArray, is_moved: ArrayLike) -> Addresses:
    """Where people live, before or after the move of their household."""
    draws, is_moved = Draws(population.seed), np.broadcast_to(is_moved, len(persons))
    home = population.household[persons].astype(np.int64) * 2 + is_moved
    place = place_of_store(population.home_store[population.head[persons]])
    far = is_moved & draws.chance("moves far", home, _MOVES_FAR)
    place = np.where(far, draws.integers("moves to", home, len(places())), place)
    towns = np.array([len(each.towns) for each in places()])[place]
    kind = draws.integers("building kind", home, len(_KINDS))
    name = draws.integers("building name", home, len(_BUILDINGS))
    building = np.array(_BUILDINGS, dtype=object)[name] + np.array(_KINDS, dtype=object)[kind]
    building[~draws.chance("building", home, _HAS_BUILDING)] = ""
    floor = 1 + draws.integers("floor", home, 9)
    return Addresses(
        place=place,
        town=draws.integers("town", home, towns),
        chome=1 + draws.integers("chome", home, 5),
        block=1 + draws.integers("block", home, 30),
        house=1 + draws.integers("house", home, 20),
        building=building,
        room=floor * 100 + 1 + draws.integers("room", home, 8),
    )


def _number(form: int, town: str, chome: int, block: int, house: int) -> str:
    return (
        f"{town}{chome}丁目{block}-{house}",
        f"{town}{chome}-{block}-{house}",
        f"{town}{chome}-{block}-{house}".translate(_FULL_WIDTH),
        f"{town}{chome}丁目{block}番{house}号",
        f"{town}{_KANJI_DIGITS[chome]}丁目{block}番{house}号",
        f"{town}{chome}丁目{block}番地{house}",
    )[form]
