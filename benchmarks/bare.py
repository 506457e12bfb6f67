"""The bare script: what the same answer costs without Tokui around it.

One DuckDB process reads the files plainly into the raw tables, runs the project's own compiled SQL
in the order of its dependencies and fits lifetime value by calling the function. There are no
checks, no quarantine, no comparison with what is known, no orchestration, no journal, no
publication. The script is generated from the contract, the settings and the compiled project each
time, so that it cannot drift from them.

What it takes more lightly than the job: hashes are plain SHA-256 made by the engine, a row that
repeats a known one is stored again, lines are numbered by the scan. Identity keys are made by the
project's own normalisation, as the models need them.

`python -m benchmarks.bare FOLDER` runs a script that `write_script` wrote there.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.contract import Column, Kind, Table, all_tables
from ingestion.contract.model import Privacy
from ingestion.discovery import delivery_of
from ingestion.engine import engine_settings, literal, values_rows

if TYPE_CHECKING:
    import duckdb

    from ingestion.settings import FileFormat, Settings

SCRIPT, TEMPLATE, WAREHOUSE, COSTS = (
    "script.json",
    "template.duckdb",
    "warehouse.duckdb",
    "costs.json",
)
LAYERS = ("staging", "intermediate", "marts")
_LOAD_ID = "bare"


@dataclass(frozen=True)
class Step:
    """One step of the script.

    `kind` is `sql`, `decode` (files that are not UTF-8), `keys` (identity keys of the table `name`)
    or `fit` (lifetime value); `layer` groups steps, `folder` is that of a model's file.
    """

    kind: str
    name: str
    layer: str
    folder: str = ""
    sql: str = ""
    files: tuple[tuple[str, str], ...] = ()
    encoding: str = ""


def write_script(home: Path, folder: Path, as_of: date) -> None:
    """Write the script for a home's feeds, and the empty warehouse that it begins with.

    Raises:
        RuntimeError: the project does not compile.
        ValueError: a feed has files that the script does not read.
    """
    from evaluation.compiled_models import compiled_models

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings, variables = _settings(home, as_of)
    reads = [step for table in all_tables() for step in _reads(folder, settings, table)]
    _write_template(folder / WAREHOUSE, settings, reads)
    models = compiled_models(
        folder / WAREHOUSE, ["resource_type:model"], variables, full_refresh=True
    )
    os.replace(folder / WAREHOUSE, folder / TEMPLATE)
    steps = [*reads]
    for layer in LAYERS:
        if layer == "marts":
            steps.append(Step("fit", "fit_ltv", "prediction"))
        steps += [
            Step("sql", model.name, layer, model.folder, model.statement)
            for model in models
            if model.schema == layer
        ]
    gate = [settings.metrics.ltv_min_customers, settings.metrics.ltv_min_history_days]
    script = {"as_of": as_of.isoformat(), "gate": gate, "steps": [asdict(step) for step in steps]}
    (folder / SCRIPT).write_text(json.dumps(script, ensure_ascii=False), encoding="utf-8")


def run_script(folder: Path) -> list[dict[str, Any]]:
    """Run the script on a warehouse made anew; CPU and wall seconds of each step, in order."""
    import duckdb

    script = json.loads((folder / SCRIPT).read_text(encoding="utf-8"))
    shutil.copyfile(folder / TEMPLATE, folder / WAREHOUSE)
    costs = []
    with duckdb.connect(str(folder / WAREHOUSE), config=engine(folder / WAREHOUSE)) as connection:
        prepare(connection)
        for step in script["steps"]:
            cpu, wall = time.process_time(), time.monotonic()
            _run_step(connection, script, step)
            costs.append(
                {name: step[name] for name in ("name", "layer", "folder")}
                | {"cpu": time.process_time() - cpu, "wall": time.monotonic() - wall}
            )
    (folder / COSTS).write_text(json.dumps(costs), encoding="utf-8")
    return costs


def engine(warehouse: Path) -> dict[str, str | bool]:
    """Settings of the one process: those of every engine, and every core from the start."""
    return engine_settings(warehouse) | {"threads": str(os.cpu_count())}


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """What `ingestion.engine.connect` sets: the clock, and no bar of progress."""
    connection.execute("set timezone = 'UTC'")
    connection.execute("set enable_progress_bar = false")


def _run_step(
    connection: duckdb.DuckDBPyConnection, script: dict[str, Any], step: dict[str, Any]
) -> None:
    if step["kind"] == "sql":
        connection.execute(step["sql"])
    elif step["kind"] == "decode":
        for source, target in step["files"]:
            text = Path(source).read_text(encoding=step["encoding"])
            Path(target).write_text(text, encoding="utf-8")
    elif step["kind"] == "keys":
        _make_keys(connection, step["name"])
    else:
        from prediction import ltv

        ltv.fit_ltv(connection, date.fromisoformat(script["as_of"]), ltv.Gate(*script["gate"]))


def _make_keys(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Table `made_keys`: the identity keys of the rows that were read, by the row's number."""
    from ingestion.normalisation.keys import ROW, identity_keys
    from ingestion.personal import DEMO_KEY

    table = next(one for one in all_tables() if one.qualified_name == name)
    sources = ", ".join(f"cast({column} as varchar) as {column}" for column in table.key_sources)
    rows = connection.execute(f"select _line as {ROW}, {sources} from read_rows").to_arrow_table()
    connection.register("made", identity_keys(table, rows, DEMO_KEY))
    connection.execute("create or replace temp table made_keys as from made")
    connection.unregister("made")


def _settings(home: Path, as_of: date) -> tuple[Settings, dict[str, Any]]:
    """The home's settings, and dbt's variables as a full run has them."""
    from ingestion.settings import load_settings
    from orchestration.transformation import variables

    before = os.environ.get("TOKUI_HOME")
    os.environ["TOKUI_HOME"] = str(home)  # Paths in the settings begin with it.
    try:
        settings = load_settings(home / "tokui.toml")
    finally:
        os.environ.pop("TOKUI_HOME")
        if before is not None:
            os.environ["TOKUI_HOME"] = before
    chosen = variables(settings.company, settings.metrics, settings.identity, as_of, full=True)
    return settings, chosen


def _reads(folder: Path, settings: Settings, table: Table) -> list[Step]:
    """Steps that read the files of a table into raw and `pii`."""
    given = settings.feeds[table.feed_name].tables[table.name].format
    files = _files(settings, table)
    if not files:
        return []
    if any(file.suffix != ".csv" for file in files):
        raise ValueError(f"{table.qualified_name}: the bare script reads CSV alone")
    steps, name, header = [], table.qualified_name, _header(files[0], given)
    if given.encoding != "utf-8":
        decoded = [folder / file.name for file in files]
        pairs = tuple((str(a), str(b)) for a, b in zip(files, decoded, strict=True))
        steps.append(Step("decode", name, "raw", files=pairs, encoding=given.encoding))
        files = decoded
    rows = _typed_rows(table, given, header, files)
    if table.personal or table.key_groups:
        steps.append(
            Step("sql", name, "raw", sql=f"create or replace temp table read_rows as {rows}")
        )
        rows = "read_rows"
    if table.key_groups:
        steps.append(Step("keys", name, "raw"))
        rows = "(from read_rows join made_keys on read_rows._line = made_keys._row)"
    steps.append(Step("sql", name, "raw", sql=_into_raw(table, rows)))
    if table.personal:
        columns = ", ".join(table.pii_columns)
        into = f"insert into pii.{table.pii_name} ({columns}) select {columns} from read_rows"
        steps.append(Step("sql", f"pii.{table.pii_name}", "raw", sql=into))
    return steps


def _header(file: Path, given: FileFormat) -> list[str]:
    with file.open(encoding=given.encoding, newline="") as stream:
        return next(csv.reader(stream, delimiter=given.delimiter))


def _typed_rows(table: Table, given: FileFormat, header: list[str], files: list[Path]) -> str:
    """A query of the files' rows by the contract's names and kinds, with provenance."""
    of_file = {given.columns.get(name, name): name for name in header}
    types = {
        name: _read_as(column, given)
        for column in table.columns
        if (name := of_file.get(column.name)) is not None
    }
    selected = [_value(c, of_file.get(c.name), given) + f" as {c.name}" for c in table.columns]
    listed = ", ".join(literal(str(file)) for file in files)
    typed = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in types.items())
    scan = (
        f"read_csv([{listed}], header = true, delim = {literal(given.delimiter)}, quote = '\"', "
        f"filename = true, types = {{{typed}}})"
    )
    return (
        f"(select {', '.join(selected)}, cast(null as varchar) as _extra, "
        f"parse_filename(filename) as _file, row_number() over () as _line, "
        f"{literal(_LOAD_ID)} as _load_id from {scan})"
    )


def _read_as(column: Column, given: FileFormat) -> str:
    return "VARCHAR" if column.name in given.values else column.kind.value


def _value(column: Column, name: str | None, given: FileFormat) -> str:
    if name is None:
        return f"cast(null as {column.kind.value})"
    quoted = '"' + name.replace('"', '""') + '"'
    words = given.values.get(column.name)
    if words:
        cases = " ".join(f"when {literal(word)} then {literal(own)}" for word, own in words.items())
        return f"cast(case {quoted} {cases} else {quoted} end as {column.kind.value})"
    if column.kind is Kind.INSTANT:
        return f"timezone('UTC', timezone({literal(given.timezone)}, {quoted}))"
    return quoted


def _into_raw(table: Table, rows: str) -> str:
    hashed = {
        column.hash_name: _hash_of(column)
        for column in table.columns
        if column.privacy is not Privacy.OPEN
    }
    values = ", ".join(hashed.get(name, name) for name in table.raw_columns)
    columns = ", ".join(table.raw_columns)
    return f"insert into {table.qualified_name} ({columns}) select {values} from {rows}"


def _hash_of(column: Column) -> str:
    """32 hexadecimal digits; a member's own id and that of a referrer hash alike."""
    kind = column.name.removeprefix("referred_by_")
    return f"left(sha256({literal(kind + ':')} || lower(trim({column.name}))), 32)"


def _write_template(path: Path, settings: Settings, reads: list[Step]) -> None:
    """A warehouse with every table that the models read, empty but for plans, seeds and ledger."""
    from ingestion import ledger, personal
    from ingestion.engine import connect
    from plans.load import load_plans

    with connect(path) as connection:
        ledger.prepare(connection, settings.profile, personal.fingerprint(personal.DEMO_KEY))
        load_plans(connection, settings.plans)
        _load_seeds(connection)
        for layer in LAYERS:
            connection.execute(f"create schema if not exists {layer}")
        rows = [
            (
                _LOAD_ID,
                1,
                table.feed_name,
                table.qualified_name,
                file.name,
                delivery_of(file.name, table.name),
            )
            for table in all_tables()
            for file in _files(settings, table)
        ]
        connection.execute(
            "insert into ledger.files (load_id, load_number, feed, table_name, file, sequence) "
            f"values {values_rows(rows)}"
        )


def _files(settings: Settings, table: Table) -> list[Path]:
    folder = Path(str(settings.feeds[table.feed_name].path))
    return sorted(folder.glob(f"{table.name}_[0-9]*"))


def _load_seeds(connection: duckdb.DuckDBPyConnection) -> None:
    from orchestration.project import PROJECT_DIR, read_manifest

    for node in read_manifest()["nodes"].values():
        if node["resource_type"] != "seed":
            continue
        types = ", ".join(
            f"{literal(name)}: {literal(kind)}"
            for name, kind in node["config"]["column_types"].items()
        )
        file = PROJECT_DIR / node["original_file_path"]
        connection.execute(f"create schema if not exists {node['schema']}")
        connection.execute(
            f"create or replace table {node['schema']}.{node['name']} as "
            f"from read_csv({literal(str(file))}, header = true, types = {{{types}}})"
        )


if __name__ == "__main__":
    run_script(Path(sys.argv[1]))
