"""What a person is told of an asset by where it stands: layer, area, page, owner.

The first part of an asset's key is its schema, and the schema is the layer; the three feeds are one
layer, raw.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.contract import FEEDS
from ingestion.settings import Owners
from orchestration.catalog.areas import AREAS


@dataclass(frozen=True)
class Layer:
    """A layer of the warehouse: what stands in it, and the page that explains it."""

    name: str
    text: str
    page: str


_RAW = Layer(
    "raw",
    "Every version of every row that arrived, append-only; ids of persons as keyed hashes too. The "
    "raw gate checks it.",
    "feed-contract.md",
)
LAYERS = {
    "ledger": Layer("ledger", "What was loaded, written with the rows.", "operations.md"),
    "pii": Layer("pii", "Personal values, kept apart: no model reads it.", "identity.md"),
    "plans": Layer("plans", "A file that people write, read anew by every run.", "plans.md"),
    "identity": Layer(
        "identity", "Kept from run to run, so that a person keeps their key.", "identity.md"
    ),
    "baskets": Layer(
        "baskets",
        "Counts kept from run to run, so that a night counts what is new.",
        "metrics/baskets.md",
    ),
    "prediction": Layer("prediction", "Fitted anew, up to the last Sunday.", "metrics/ltv.md"),
    "seeds": Layer("seeds", "A list of this repository.", "metrics/kpis.md"),
    "staging": Layer(
        "staging",
        "The version of each row that counts, cleaned and typed. The staging gate checks it.",
        "feed-contract.md",
    ),
    "intermediate": Layer(
        "intermediate", "A step on the way to the marts, not published.", "identity.md"
    ),
    "marts": Layer("marts", "Published. The marts gate checks it.", "metrics/kpis.md"),
    "published": Layer("published", "What BI tools open.", "operations.md"),
}
"""By schema; those of the feeds are `raw`."""
_TABLES = {
    "prediction.identity_edges": Layer(
        "prediction", "Found anew by every run that Splink matches.", "identity.md"
    ),
}
"""Tables that are unlike the others of their schema."""

_INTERMEDIATE_PAGES = {
    "baskets": "metrics/baskets.md",
    "campaigns": "metrics/campaigns.md",
    "chat": "metrics/chat.md",
    "cohorts": "metrics/cohorts.md",
    "customers": "identity.md",
    "identity": "identity.md",
    "journeys": "metrics/journey.md",
    "kpis": "metrics/kpis.md",
    "lifecycle": "metrics/lifecycle.md",
    "ltv": "metrics/ltv.md",
    "members": "metrics/members.md",
    "promotions": "metrics/segments.md",
    "rfm": "metrics/rfm.md",
    "sales": "metrics/kpis.md",
    "segments": "metrics/segments.md",
    "support": "metrics/support.md",
}
"""By the folder that an intermediate model stands in; those in none are of sales."""


def layer_of(schema: str, table: str) -> Layer:
    """The layer of a table."""
    if schema.startswith("raw_"):
        return _RAW
    return _TABLES.get(f"{schema}.{table}", LAYERS[schema])


def feed_of(schema: str, table: str) -> str:
    """The feed that brings a table; empty where it is not of one feed."""
    start = {"pii": table, "staging": table.removeprefix("stg_")}.get(schema, schema[4:])
    found = [feed for feed in FEEDS if start.split("_")[0] == feed]
    return found[0] if found else ""


def area_of(schema: str, table: str, folder: str = "") -> str:
    """What a mart or an intermediate table is about; empty in other layers."""
    if schema == "marts":
        return next((area.name for area in AREAS if table in area.tables), "")
    return (folder or "sales") if schema == "intermediate" else ""


def page_of(schema: str, table: str, folder: str = "") -> str:
    """The page that explains a table, from the root of the repository."""
    page = layer_of(schema, table).page
    if schema == "marts":
        page = next((area.page_of(table) for area in AREAS if table in area.tables), page)
    if schema == "intermediate":
        page = _INTERMEDIATE_PAGES.get(folder or "sales", page)
    return f"docs/{page}"


def owner_of(schema: str, table: str, owners: Owners) -> str:
    """Whom to ask: of raw and personal tables the feed's owner, of plans theirs, else `data`."""
    if schema == "plans":
        return owners.plans
    feed = feed_of(schema, table) if schema == "pii" or schema.startswith("raw_") else ""
    return getattr(owners, feed or "data")
