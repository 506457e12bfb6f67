"""Checks of what is installed: Python, packages, the engine's settings, the parsed dbt project."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from ingestion.engine import connect
from orchestration import project
from orchestration.doctor.finding import Finding, fail, ok, some, warn

_SETTINGS_OFF = ("autoinstall_known_extensions", "autoload_known_extensions")
_OLDEST_PYTHON = (3, 11)


def check_python() -> Iterator[Finding]:
    """Tokui needs Python 3.11 or newer."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _OLDEST_PYTHON:
        yield fail(f"Python {found} is too old", "Install 3.11 or newer and run `make setup`.")
    else:
        yield ok(f"Python {found}")


def check_packages(constraints: Path = project.ROOT / "constraints.txt") -> Iterator[Finding]:
    """Packages that Tokui needs are there, in the versions it was tested with."""
    needed = _needed()
    missing = [name for name in needed if _version(name) is None]
    if missing:
        yield fail(f"not installed: {some(missing)}", "Run `make setup`.")
    pins = _pins(constraints) if constraints.is_file() else {}
    others = [
        f"{name} {_version(name)} (tested with {pins[name]})"
        for name in needed
        if name in pins and _version(name) not in (None, pins[name])
    ]
    if others:
        yield warn(
            f"other versions than tested: {some(others)}",
            "Run `make setup`, or pip with `--constraint constraints.txt`.",
        )
    if not missing and not others:
        yield ok(f"{len(needed)} packages, {len(pins.keys() & set(needed))} of them pinned")


def check_engine() -> Iterator[Finding]:
    """DuckDB fetches no extension from the network by itself."""
    with connect(Path(":memory:")) as connection:
        row = connection.execute(
            "select " + ", ".join(f"current_setting('{name}')" for name in _SETTINGS_OFF)
        ).fetchone()
    on = [name for name, value in zip(_SETTINGS_OFF, row or (), strict=True) if value]
    if on:
        yield fail(f"DuckDB has {some(on)} switched on", "Reinstall Tokui with `make setup`.")
    else:
        yield ok(f"DuckDB {version('duckdb')}, extensions are not fetched")


def check_project() -> Iterator[Finding]:
    """The dbt project is parsed as it stands now."""
    if project.is_current():
        yield ok("parsed, and unchanged since")
    else:
        yield warn(
            "the dbt project is not parsed as it stands",
            "The next run parses it, which takes it some seconds; `make setup` does it ahead.",
        )


def _needed() -> list[str]:
    """Names of the packages that Tokui itself asks for, without its extras."""
    return [
        _normal(re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0])
        for requirement in requires("tokui") or []
        if "extra ==" not in requirement
    ]


def _pins(constraints: Path) -> dict[str, str]:
    lines = (line.split("==") for line in constraints.read_text(encoding="utf-8").splitlines())
    return {_normal(parts[0]): parts[1].strip() for parts in lines if len(parts) == 2}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _normal(name: str) -> str:
    """Package names as they compare: `great_expectations` is `great-expectations`."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()
