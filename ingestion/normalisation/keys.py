"""The identity keys of a table's rows: columns of plain values in, columns of 64-bit hashes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ingestion.contract.model import KeyGroup, Table
from ingestion.normalisation.addresses import normalised_address
from ingestion.normalisation.emails import normalised_email
from ingestion.normalisation.line_ids import normalised_line_id
from ingestion.normalisation.names import Names
from ingestion.normalisation.phones import normalised_phone
from ingestion.personal import identity_hash

if TYPE_CHECKING:
    import pyarrow

ROW = "_row"
"""Column that says which row of the table the keys belong to."""

Normaliser = Callable[..., Sequence[str | None]]
"""From one combination of a group's sources to the normalised values of its keys, in order."""


def _alone(normalise: Callable[..., str | None]) -> Normaliser:
    return lambda *given: (normalise(*given),)


_NORMALISERS: dict[str, Callable[[], Normaliser]] = {
    "email": lambda: _alone(normalised_email),
    "phone": lambda: _alone(normalised_phone),
    "line": lambda: _alone(normalised_line_id),
    "address": lambda: _alone(normalised_address),
    "name": lambda: Names().values,
}
"""By the name of the key group."""


def identity_keys(table: Table, rows: pyarrow.Table, key: bytes) -> pyarrow.Table:
    """The identity keys of rows that are few, see `IdentityKeys.of`."""
    return IdentityKeys(table, key).of(rows)


class IdentityKeys:
    """Makes the identity keys of a table, batch by batch.

    What is learnt of the parts of names is kept: they are few in all batches together.
    """

    def __init__(self, table: Table, key: bytes) -> None:
        self._table = table
        self._groups = [
            (
                group,
                _NORMALISERS[group.name](),
                {name: identity_hash(key, name.removesuffix("_key")) for name in group.keys},
            )
            for group in table.key_groups
        ]

    def of(self, rows: pyarrow.Table) -> pyarrow.Table:
        """One row a row of `rows`: `_row`, and a BIGINT for each identity key of the table.

        `rows` has `_row` and, as text, those sources of the key groups that the table has. Equal
        combinations of a group's sources are normalised once.

        Raises:
            RuntimeError: a fault of this package, told without the value that it met.
        """
        import pyarrow

        columns = {ROW: rows[ROW]}
        for group, normalise, hashes in self._groups:
            try:
                columns |= _keys_of_group(group, normalise, hashes, rows)
            except Exception as error:
                # The error's own text, and its causes', may hold the value.
                raise RuntimeError(
                    f"{self._table.qualified_name}: the {group.name} keys cannot be made "
                    f"({type(error).__name__}). This is a fault in normalisation: report it."
                ) from None
        return pyarrow.table(columns)


def _keys_of_group(
    group: KeyGroup,
    normalise: Normaliser,
    hashes: dict[str, Callable[[str], int]],
    rows: pyarrow.Table,
) -> dict[str, pyarrow.Array]:
    import pyarrow

    given = [
        rows[source].to_pylist() if source in rows.column_names else [None] * len(rows)
        for source in group.sources
    ]
    combinations = list(zip(*given, strict=True))
    places = {combination: place for place, combination in enumerate(dict.fromkeys(combinations))}
    place_of_row = pyarrow.array(map(places.__getitem__, combinations), pyarrow.int64())
    values = [normalise(*combination) for combination in places]
    columns = {}
    for number, (name, hashed) in enumerate(hashes.items()):
        texts = [found[number] for found in values]
        known = {text: hashed(text) for text in set(texts) if text}
        keys = pyarrow.array(map(known.get, texts), pyarrow.int64())
        columns[name] = keys.take(place_of_row)
    return columns
