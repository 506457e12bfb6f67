"""Columns of every table of the warehouse: types, meanings, and what each is worked out from.

dbt's manifest knows the columns of staging and marts alone, and no lineage of any. Both are worked
out from the compiled SQL when Tokui is set up (`python -m orchestration.project`, some fifteen
seconds) and kept in `dbt_project/target/columns.json`. A run does not need them and leaves them
out. The code location loads without them where the project changed since; `make dev` brings them
up.
"""

from orchestration.columns.cache import LEFT_OUT, columns_to_show, ensure_columns
from orchestration.columns.model import ColumnFacts, Personal, TableFacts

__all__ = [
    "LEFT_OUT",
    "ColumnFacts",
    "Personal",
    "TableFacts",
    "columns_to_show",
    "ensure_columns",
]
