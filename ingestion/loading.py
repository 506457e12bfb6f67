"""The load itself: dlt imports landed Parquet files into append-only tables.

The hints equal the files' own schema, so that dlt copies the files and does not rewrite them. Its
working folder lives in the run's folder: what it remembers goes with the run. What it keeps in the
warehouse is not asked for: the ledger says what was loaded, and the contract what tables are like.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.contract import Kind

if TYPE_CHECKING:
    import duckdb

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
os.environ.setdefault("RUNTIME__LOG_LEVEL", "WARNING")
os.environ.setdefault("LOAD__DELETE_COMPLETED_JOBS", "true")
os.environ.setdefault("LOAD__TRUNCATE_STAGING_DATASET", "true")
os.environ.setdefault("SCHEMA__NAMING", "direct")
os.environ.setdefault("RESTORE_FROM_DESTINATION", "false")
# One table at a time: the engine gives it all threads, and several would share the memory limit.
os.environ.setdefault("LOAD__WORKERS", "1")


def load_parquet(
    connection: duckdb.DuckDBPyConnection,
    dataset: str,
    files: dict[str, tuple[Path, dict[str, Kind]]],
    working_dir: Path,
) -> None:
    """Append Parquet files to tables of a dataset of the warehouse that is open.

    Args:
        files: by table name, the file and the kinds of its columns.

    Raises:
        dlt.common.exceptions.DltException: the load failed; the warehouse copy is to be discarded.
    """
    import dlt

    _ask_the_environment_alone()
    resources = [
        _resource(table, path, columns) for table, (path, columns) in sorted(files.items())
    ]
    pipeline = dlt.pipeline(
        pipeline_name=f"tokui_{dataset}",
        pipelines_dir=str(working_dir),
        destination=dlt.destinations.duckdb(connection),
        dataset_name=dataset,
    )
    pipeline.run(resources).raise_on_failed_jobs()


@lru_cache(maxsize=1)
def _ask_the_environment_alone() -> None:
    """Have dlt find its settings in the environment only, from the first load of a process on.

    It would look for files of secrets too, ours has none; where it finds none, it imports
    Streamlit, and with it pandas, to ask for more: a second of every run.
    """
    from dlt.common.configuration.container import Container
    from dlt.common.configuration.providers import ConfigProvider, EnvironProvider
    from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
    from dlt.common.runtime.run_context import RunContext

    class Settings(RunContext):
        def initial_providers(self) -> list[ConfigProvider]:
            return [EnvironProvider()]

    Container()[PluggableRunContext] = PluggableRunContext(Settings(None))


def _resource(table: str, path: Path, columns: dict[str, Kind]) -> Any:
    import dlt
    from dlt.extract import with_file_import

    @dlt.resource(
        name=table,
        write_disposition="append",
        columns={name: _hint(kind) for name, kind in columns.items()},
        schema_contract={"tables": "evolve", "columns": "freeze", "data_type": "freeze"},
    )
    def landed() -> Any:
        yield with_file_import(str(path), "parquet")

    return landed


_DLT_TYPES = {
    Kind.TEXT: {"data_type": "text"},
    Kind.INTEGER: {"data_type": "bigint"},
    Kind.BOOLEAN: {"data_type": "bool"},
    Kind.DATE: {"data_type": "date"},
    Kind.INSTANT: {"data_type": "timestamp", "timezone": False, "precision": 6},
}


def _hint(kind: Kind) -> dict[str, Any]:
    if kind.is_decimal:
        precision, scale = kind.value[8:-1].split(",")
        hint = {"data_type": "decimal", "precision": int(precision), "scale": int(scale)}
    else:
        hint = dict(_DLT_TYPES[kind])
    return hint | {"nullable": True}
