"""Plan files, read and checked, into schema `plans` of the warehouse.

Every run writes the tables anew: a plan is what its file says today. Each has the file's columns
and `line`, so that whatever finds a fault later can name it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.engine import values_rows
from ingestion.errors import ConfigurationError
from plans.model import Line, PlanColumn, PlanTable
from plans.tables import PLANS

if TYPE_CHECKING:
    import duckdb

_DEFAULTS = Path(__file__).parent / "defaults"


def load_plans(connection: duckdb.DuckDBPyConnection, files: Mapping[str, Path]) -> dict[str, int]:
    """Write every plan to `plans.<name>`; lines a plan.

    `files` names files by plan; for the others the defaults count.

    Raises:
        ConfigurationError: a file is missing or wrong; the message names file, line, column and
            what to do.
    """
    paths = {name: files.get(name) or default_file(plan) for name, plan in PLANS.items()}
    lines = {name: read_plan(PLANS[name], path) if path else [] for name, path in paths.items()}
    for name, path in paths.items():
        _check_references(PLANS[name], path, lines)
    connection.execute("create schema if not exists plans")
    for name, plan in PLANS.items():
        _write(connection, plan, lines[name])
    return {name: len(found) for name, found in lines.items()}


def read_plan(plan: PlanTable, path: Path) -> list[Line]:
    """Lines of a plan file, each with its number as `line`.

    Raises:
        ConfigurationError: as `load_plans`.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            _check_header(plan, path, list(reader.fieldnames or ()))
            lines = list(_lines(plan, path, reader))
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"{path}: no such file. Make it, or take `{plan.name}` out of [plans] in tokui.toml."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{path} is not UTF-8. In Excel, save it as 'CSV UTF-8'."
        ) from error
    except csv.Error as error:
        raise ConfigurationError(
            f"{path}: line {reader.line_num + 1} or later is not CSV: {error}. Look for a quote "
            "that stands alone."
        ) from error
    fault = plan.check_all(lines)
    if fault:
        line, words = fault
        raise ConfigurationError(f"{path}: line {line['line']}: {words}.")
    return lines


def default_file(plan: PlanTable) -> Path | None:
    """The file that counts where the settings name none; None for an empty plan."""
    path = _DEFAULTS / f"{plan.name}.csv"
    return path if path.exists() else None


def _write(connection: duckdb.DuckDBPyConnection, plan: PlanTable, lines: Sequence[Line]) -> None:
    names = [column.name for column in plan.columns]
    declared = ", ".join(f"{column.name} {column.kind.sql_type}" for column in plan.columns)
    connection.execute(f"create or replace table plans.{plan.name} ({declared}, line bigint)")
    if lines:
        rows = ([_plain(line[name]) for name in (*names, "line")] for line in lines)
        connection.execute(f"insert into plans.{plan.name} values {values_rows(rows)}")


def _plain(value: object) -> str | int | None:
    """A value as a statement can hold it: dates and decimals as text, which the table casts."""
    return value if value is None or isinstance(value, int) else str(value)


def _check_references(
    plan: PlanTable, path: Path | None, lines: Mapping[str, Sequence[Line]]
) -> None:
    for column in plan.columns:
        if column.refers_to is None:
            continue
        other, other_column = column.refers_to
        known = {line[other_column] for line in lines[other]}
        for line in lines[plan.name]:
            if line[column.name] is not None and line[column.name] not in known:
                raise ConfigurationError(
                    f'{path}: line {line["line"]}: {column.name} is "{line[column.name]}", which '
                    f"no line of {other} has; known: {', '.join(sorted(map(str, known)))}."
                )


def _check_header(plan: PlanTable, path: Path, header: list[str]) -> None:
    known = {column.name for column in plan.columns}
    missing = [c.name for c in plan.columns if c.required and c.name not in header]
    if missing:
        raise ConfigurationError(
            f"{path}: line 1: no column {', '.join(missing)}. The columns are "
            f"{', '.join(column.name for column in plan.columns)}; docs/plans.md explains them."
        )
    unknown = [name for name in header if name not in known]
    if unknown:
        raise ConfigurationError(
            f"{path}: line 1: unknown column {', '.join(unknown)}; known: "
            f"{', '.join(column.name for column in plan.columns)}."
        )
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise ConfigurationError(f"{path}: line 1: column {', '.join(twice)} stands twice.")


def _lines(plan: PlanTable, path: Path, reader: csv.DictReader) -> Iterator[Line]:
    seen: dict[tuple, int] = {}
    for row in reader:
        where = f"{path}: line {reader.line_num}"
        if None in row or None in row.values():
            raise ConfigurationError(
                f"{where}: not as many values as columns. Put a value with a comma in quotes."
            )
        line: Line = {c.name: _value(where, c, row.get(c.name, "")) for c in plan.columns}
        fault = plan.check(line)
        if fault:
            raise ConfigurationError(f"{where}: {fault}.")
        key = tuple(line[name] for name in plan.key)
        if key in seen:
            raise ConfigurationError(
                f"{where}: line {seen[key]} has the same {', '.join(plan.key)}. Keep one of them."
            )
        seen[key] = reader.line_num
        yield line | {"line": reader.line_num}


def _value(where: str, column: PlanColumn, text: str) -> object:
    text = text.strip() or column.default
    if not text:
        if column.required:
            raise ConfigurationError(f"{where}: {column.name} is empty.")
        return None
    if column.values and text not in column.values:
        raise ConfigurationError(
            f'{where}: {column.name} is "{text}"; it is one of {", ".join(column.values)}.'
        )
    try:
        return column.kind.read(text)
    except (ValueError, ArithmeticError) as error:
        raise ConfigurationError(
            f'{where}: {column.name} is "{text}"; it must be {column.kind.words}.'
        ) from error
