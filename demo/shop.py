"""Rows of the chain's masters: stores, staff and products. Receipts are `demo.receipts`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from demo.catalogue import product_rows
from demo.stores import staff_rows, store_rows

if TYPE_CHECKING:
    from demo.world import World


def deliver(world: World, first_day: int, last_day: int) -> Iterator[tuple[str, pa.Table]]:
    """Rows of the masters that are new or changed in those days; all on the first day."""
    yield "pos.stores", store_rows(world.stores, first_day, last_day)
    yield "pos.products", product_rows(world.catalogue, first_day, last_day)
    if first_day == 0:
        yield "pos.staff", staff_rows(world.stores)
