"""Personal values in free text: people sign what they write, with a name or a phone number."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from demo.identities import Identities
from demo.names import family_names, given_names
from demo.streams import Draws

_NOTHING, _NAME, _PHONE = range(3)
_SHARES = (0.7, 0.18, 0.12)


def signed(
    identities: Identities,
    what: str,
    ids: NDArray[np.int64],
    person: NDArray[np.int32],
    sentences: pa.Array,
    may_sign: NDArray[np.bool_],
) -> pa.Array:
    """The sentences, some with the writer's name or phone number behind them; NULL stays NULL.

    `what` and `ids` decide who signs; `may_sign` says which sentences are a person's own.
    """
    how = Draws(identities.population.seed).choice(f"signs {what}", ids, _SHARES)
    written = sentences.to_numpy(zero_copy_only=False).copy()
    has_text = np.asarray(sentences.is_valid()) & may_sign
    by_name = np.flatnonzero(has_text & (how == _NAME))
    by_phone = np.flatnonzero(has_text & (how == _PHONE))
    written[by_name] += "（" + _full_names(identities, person[by_name]) + "）"
    phones = identities.mobile(person[by_phone], np.zeros(len(by_phone), dtype=bool))
    written[by_phone] += " 電話は" + phones + "です。"
    return pa.array(written, pa.string())


def _full_names(identities: Identities, person: NDArray[np.int32]) -> NDArray[np.object_]:
    family = family_names().writings[identities.family(person), identities.writing(person)]
    return family + " " + given_names().kanji[identities.given[person]]
