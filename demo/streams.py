"""Random numbers that depend on a seed and on names alone.

`stream` gives a generator for a part that is always drawn as a whole. `Draws` gives numbers per id
(a person, a record): the number of an id does not depend on which other ids are asked for, so rows
can be made in any order and in any pieces.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """A generator of its own for what `names` say: independent of every other one."""
    return np.random.Generator(np.random.Philox(key=_key(seed, *names)))


@dataclass(frozen=True)
class Draws:
    """Random numbers by id, for one seed."""

    seed: int

    def bits(self, what: str, ids: ArrayLike) -> NDArray[np.uint64]:
        """64 random bits for each id: SplitMix64 (Steele, Lea, Flood 2014) keyed by `what`."""
        state = np.asarray(ids).astype(np.uint64) * _GOLDEN + np.uint64(_key(self.seed, what) >> 64)
        state = (state ^ (state >> np.uint64(30))) * _MIX_1
        state = (state ^ (state >> np.uint64(27))) * _MIX_2
        return state ^ (state >> np.uint64(31))

    def uniform(self, what: str, ids: ArrayLike) -> NDArray[np.float64]:
        """A number in [0, 1) for each id."""
        return (self.bits(what, ids) >> np.uint64(11)) * 2.0**-53

    def integers(self, what: str, ids: ArrayLike, end: ArrayLike) -> NDArray[np.int64]:
        """A whole number in [0, end) for each id; `end` may be one number or one per id."""
        return np.floor(self.uniform(what, ids) * np.asarray(end)).astype(np.int64)

    def chance(self, what: str, ids: ArrayLike, share: ArrayLike) -> NDArray[np.bool_]:
        """True for that share of the ids."""
        return self.uniform(what, ids) < share

    def choice(self, what: str, ids: ArrayLike, weights: ArrayLike) -> NDArray[np.int64]:
        """An index into `weights` for each id, as often as its weight says."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        return np.searchsorted(edges[:-1] / edges[-1], self.uniform(what, ids), side="right")


def _key(seed: int, *names: str | int) -> int:
    text = "\0".join(str(part) for part in (seed, *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")
