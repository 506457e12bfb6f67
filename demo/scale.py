"""How large the demo retailer is, and how its stores are numbered."""

from __future__ import annotations

from dataclasses import dataclass

ONLINE_STORE_ID = "S901"
APP_STORE_ID = "S902"


@dataclass(frozen=True)
class Scale:
    """A size of the retailer.

    `people` counts everybody in the truth who is a customer by the end of the base history;
    some more join in the horizon after it; they make some 20 receipt lines each in the base
    history. `stores` counts physical stores; the last `openings` of them open after the base
    history.
    """

    name: str
    people: int
    stores: int
    openings: int = 0

    @property
    def store_ids(self) -> list[str]:
        """Ids of the physical stores; a store index points into it."""
        return [store_id(index) for index in range(self.stores)]


SCALES = {
    scale.name: scale
    for scale in (
        Scale("small", people=20_000, stores=8),
        Scale("medium", people=140_000, stores=30),
        Scale("large", people=500_000, stores=100),
    )
}


def store_id(index: int) -> str:
    """Id of the physical store with that index."""
    return f"S{index + 1:03d}"
