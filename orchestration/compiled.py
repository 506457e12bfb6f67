"""The project as dbt compiled it: the statements that a run executes.

dbt takes thirty milliseconds a node to render what differs between nights by one date. So it
renders every model and test once for each choice of settings, at set-up for the default ones, with
a mark in the place of the as-of date; a run puts its date there and starts no dbt. What dbt would
do beyond that (hooks, constraints, options of tests) is refused when the project is compiled.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from ingestion.engine import literal
from ingestion.ledger import SCHEMA_VERSION
from orchestration.project import PROJECT_DIR, TARGET_DIR, ensure_manifest, fingerprint, load_parsed

AS_OF = "<as-of date>"
"""Stands in the compiled SQL for the run's as-of date. No date, so that a macro which would work
something out from the date stops the compilation instead of fixing its answer."""

_KINDS = {name: name for name in ("table", "view", "prints", "kept")} | {"seed": "table"}
"""What a run makes of a materialization."""

LAYERS = ("seeds", "staging", "intermediate", "marts")
FOLDER = TARGET_DIR / "compiled"
_KEPT = 16
"""Choices of settings whose SQL is kept in a folder; one is some 1 MB."""


@dataclass(frozen=True)
class Table:
    """A model or a seed: the query whose rows it holds.

    `kind` is table, view, or, as `orchestration.kept` has it, prints or kept. These have the name
    of their `prints` and the column of their `key`; kept ones also the query of `touched` keys,
    and prints whether their keys never end.
    `columns` are names and types that its contract promises, in order; without one, none.
    `above` are the unique ids of the tables that it reads.
    """

    unique_id: str
    name: str
    layer: str
    kind: str
    sql: str
    columns: Mapping[str, str]
    above: tuple[str, ...]
    prints: str = ""
    key: str = ""
    touched: str = ""
    never_ends: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether it is built on what the night before left."""
        return self.kind in ("prints", "kept")

    @property
    def relation(self) -> str:
        return f"{self.layer}.{self.name}"

    @property
    def resource_type(self) -> str:
        return self.unique_id.partition(".")[0]


@dataclass(frozen=True)
class DataTest:
    """A query that finds the rows at fault; `tables` are the unique ids of what it reads."""

    unique_id: str
    name: str
    sql: str
    tables: tuple[str, ...]
    is_key: bool


@dataclass(frozen=True)
class Compiled:
    """Tables by unique id, each behind those it reads, and tests.

    `code` tells this code and these settings from others, whatever is rebuilt.
    """

    tables: Mapping[str, Table]
    tests: tuple[DataTest, ...]
    code: str

    def tests_of(self, built: Collection[str]) -> list[DataTest]:
        """Tests that can run when these tables are built, for one of them at the earliest.

        Keys of staging and marts are held by the gates, and seeds are files of this repository:
        dbt tests these in the test suite.
        """
        return [test for test in self.tests if self._is_due(test, built)]

    def _is_due(self, test: DataTest, built: Collection[str]) -> bool:
        layers = {one: LAYERS.index(self.tables[one].layer) for one in test.tables}
        mine = [layer for one, layer in layers.items() if one in built]
        others = [layer for one, layer in layers.items() if one not in built]
        last = max(mine, default=0)
        if test.is_key and LAYERS[last] != "intermediate":
            return False
        return last > 0 and all(other < last for other in others)


def compiled_project(variables: Mapping[str, Any], own_folder: Path) -> Compiled:
    """The project for a run's variables; dbt compiles it when no run had these before.

    Args:
        own_folder: where it is kept if the installation's own folder may not be written.

    Raises:
        RuntimeError: the project does not compile, or asks for what a run does not do.
    """
    as_of = str(variables["as_of_date"])
    text = ensure_compiled(variables, own_folder).read_text(encoding="utf-8").replace(AS_OF, as_of)
    kept = json.loads(text)
    return Compiled(
        {name: Table(**one) for name, one in kept["tables"].items()},
        tuple(DataTest(**one) for one in kept["tests"]),
        kept["code"],
    )


def ensure_compiled(variables: Mapping[str, Any], own_folder: Path = FOLDER) -> Path:
    """The file of the project compiled for these variables, whatever their as-of date."""
    ensure_manifest()
    known = {**variables, "as_of_date": AS_OF, "mark_slices": True}
    wanted = json.dumps([fingerprint(), known], sort_keys=True)
    name = f"{hashlib.sha256(wanted.encode()).hexdigest()}.json"
    for folder in (FOLDER, own_folder):
        if (folder / name).exists():
            return folder / name
    return _keep(_compile(known), name, FOLDER if os.access(TARGET_DIR, os.W_OK) else own_folder)


def _keep(project: Compiled, name: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{name}.{os.getpid()}.tmp"
    temporary.write_text(json.dumps(asdict(project), ensure_ascii=False), encoding="utf-8")
    os.replace(temporary, folder / name)
    newest = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest[_KEPT:]:
        path.unlink(missing_ok=True)
    return folder / name


def _compile(variables: Mapping[str, Any]) -> Compiled:
    # Late: a run that finds its SQL compiled imports no dbt.
    from orchestration.aside import invoke

    manifest = load_parsed()
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Path(folder) / "warehouse.duckdb"
        done = invoke(manifest, warehouse, ["compile"], variables, tests=True)
    if not done.success:
        raise RuntimeError(f"the dbt project does not compile: {done.exception or done.result}")
    nodes = {one.node.unique_id: one.node for one in done.result.results}
    nodes |= {name: node for name, node in manifest.nodes.items() if _type(node) == "seed"}
    tables = {name: _table(node, nodes) for name, node in nodes.items() if _type(node) != "test"}
    tests = [_test(node, nodes) for _, node in sorted(nodes.items()) if _type(node) == "test"]
    order = TopologicalSorter({name: tables[name].above for name in sorted(tables)}).static_order()
    return Compiled({name: tables[name] for name in order}, tuple(tests), _code(variables))


def _code(variables: Mapping[str, Any]) -> str:
    """The engine counts: what it hashes another way, it does not find again."""
    settings = {name: one for name, one in variables.items() if name != "full_refresh"}
    code = [fingerprint(), version("duckdb"), SCHEMA_VERSION, settings]
    return hashlib.sha256(json.dumps(code, sort_keys=True).encode()).hexdigest()


def _table(node: Any, nodes: Mapping[str, Any]) -> Table:
    is_seed = _type(node) == "seed"
    config = node.config
    _refuse(node, "a hook", config.pre_hook or config.post_hook)
    _refuse(node, "its materialization", config.materialized not in _KINDS)
    _refuse(node, "a view that is published", _is_view_of_marts(node))
    _refuse(node, "an alias", node.alias != node.name)
    promised = dict(node.columns) if config.contract.enforced else {}
    _refuse(node, "a constraint", getattr(node, "constraints", None))
    _refuse(node, "a constraint", any(column.constraints for column in promised.values()))
    return Table(
        unique_id=node.unique_id,
        name=node.name,
        layer=node.schema,
        kind=_KINDS[config.materialized],
        sql=_seed(node) if is_seed else _of_either_file(node.compiled_code),
        columns={name: _type_name(column.data_type) for name, column in promised.items()},
        above=() if is_seed else _tables_above(node, nodes),
        **_keeping(node, nodes),
    )


def _keeping(node: Any, nodes: Mapping[str, Any]) -> dict[str, Any]:
    config = node.config
    if config.materialized == "prints":
        never_ends = bool(config.get("never_end"))
        return {"prints": node.name, "key": config["key"], "never_ends": never_ends}
    if config.materialized == "kept":
        key = config["kept_by"]
        relation = next(
            f"{nodes[one].schema}.{nodes[one].name}"
            for one in _tables_above(node, nodes)
            if nodes[one].name == config["touched"]
        )
        touched = f"select {config.get('touched_key') or key} from {relation}"
        if config.get("touched_where"):
            touched += f" where {config['touched_where']}"
        return {"prints": config["prints"], "key": key, "touched": touched}
    return {}


def _test(node: Any, nodes: Mapping[str, Any]) -> DataTest:
    config = node.config
    usual = (str(config.severity).lower(), config.fail_calc, config.error_if, config.warn_if)
    _refuse(node, "its severity", usual != ("error", "count(*)", "!= 0", "!= 0"))
    _refuse(node, "a limit or a filter", config.limit or config.where or config.store_failures)
    metadata = getattr(node, "test_metadata", None)
    return DataTest(
        unique_id=node.unique_id,
        name=node.name,
        sql=_of_either_file(node.compiled_code),
        tables=_tables_above(node, nodes),
        is_key=metadata is not None and metadata.name == "unique_key",
    )


def _refuse(node: Any, what: str, is_there: Any) -> None:
    if is_there:
        raise RuntimeError(f"{node.unique_id}: a run does not know what to do about {what}")


def _is_view_of_marts(node: Any) -> bool:
    """Its SQL would read tables that the published file does not have."""
    return bool(node.schema == "marts" and node.config.materialized == "view")


def _of_either_file(sql: str) -> str:
    """SQL whose names say no catalog: marts are in another file than what they are made of."""
    return sql.replace('"warehouse".', "")


def _seed(node: Any) -> str:
    """The rows of a file of the project, which lies where this copy of the code lies."""
    columns = ", ".join(
        f"{literal(name)}: {literal(kind)}" for name, kind in node.config.column_types.items()
    )
    path = literal(str(PROJECT_DIR / node.original_file_path))
    return f"select * from read_csv({path}, header = true, columns = {{{columns}}})"


def _tables_above(node: Any, nodes: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(name for name in node.depends_on.nodes if name in nodes))


def _type(node: Any) -> str:
    return str(node.resource_type)


def _type_name(declared: str) -> str:
    """A type as the engine calls it."""
    return str(duckdb.sqltype(declared))
