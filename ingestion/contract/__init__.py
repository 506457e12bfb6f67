"""The feed contract: every table that Tokui accepts, column by column.

What belongs here: names, types, keys, what is required, what is personal, what a row's version is.
What does not: how a file is read (`ingestion.reading`) or what a number means (the dbt project).

The name of a dataset is the name of its schema, of its dbt source, of the first part of its asset
keys and of the folder of its expectations: there is no mapping table anywhere.
"""

from ingestion.contract.email import EMAIL
from ingestion.contract.model import Column, Feed, Kind, Table
from ingestion.contract.pos import POS
from ingestion.contract.support import SUPPORT

FEEDS: dict[str, Feed] = {feed.name: feed for feed in (POS, EMAIL, SUPPORT)}


def all_tables() -> list[Table]:
    """Every table of every feed, in the contract's order."""
    return [table for feed in FEEDS.values() for table in feed.tables]


def find_table(qualified_name: str) -> Table:
    """The table named `raw_pos.receipts`, say.

    Raises:
        KeyError: the contract has no such table.
    """
    for table in all_tables():
        if table.qualified_name == qualified_name:
            return table
    raise KeyError(f"the feed contract has no table {qualified_name}")


__all__ = ["FEEDS", "Column", "Feed", "Kind", "Table", "all_tables", "find_table"]
