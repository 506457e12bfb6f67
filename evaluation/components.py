"""Connected components by union-find: the naive and the reference partition.

Independent of the pipeline's recursive SQL on purpose: two ways that agree.
"""

from __future__ import annotations

from collections.abc import Iterable


def components(records: int, keys: Iterable[tuple[int, object]]) -> list[int]:
    """The least record number of each record's component.

    Args:
        records: number of records, numbered from 0.
        keys: (record, key) for each key that a record has; records with an equal key are joined.
    """
    parent = list(range(records))
    first_with_key: dict[object, int] = {}
    for record, key in keys:
        _join(parent, record, first_with_key.setdefault(key, record))
    return [_root(parent, record) for record in range(records)]


def _root(parent: list[int], record: int) -> int:
    while parent[record] != record:
        parent[record] = parent[parent[record]]
        record = parent[record]
    return record


def _join(parent: list[int], a: int, b: int) -> None:
    """The smaller number becomes the root, so that the answer does not hang on the order."""
    root_a, root_b = _root(parent, a), _root(parent, b)
    parent[max(root_a, root_b)] = min(root_a, root_b)
