"""Finds the suites by their path: the module's path is the name of the table.

No list of suites anywhere: a new module `expectations/<schema>/<table>.py` that exposes `SUITE` is
found; one whose suite names another table, or that has no suite, is refused.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from types import ModuleType

import expectations
from expectations.model import Suite

LAYERS = ("raw", "staging", "marts")


class RegistryError(Exception):
    """A suite stands at a path that is not the name of its table, or repeats a rule's name."""


def layer_of(schema: str) -> str:
    """The layer of a schema: `raw_pos` is `raw`, the others carry their own name."""
    return "raw" if schema.startswith("raw_") else schema


@cache
def suites_of(layer: str) -> tuple[Suite, ...]:
    """The suites of one of `LAYERS`, ordered by table.

    Raises:
        ValueError: there is no such layer.
        RegistryError: a module and its suite disagree.
    """
    if layer not in LAYERS:
        raise ValueError(f"no layer {layer}; there are {', '.join(LAYERS)}")
    found = [read_suite(module) for module in _suite_modules(layer)]
    return tuple(sorted(found, key=lambda suite: suite.table))


def find_suite(table: str) -> Suite:
    """The suite of a table such as `raw_pos.receipts`.

    Raises:
        KeyError: the table has no suite.
    """
    for suite in suites_of(layer_of(table.split(".")[0])):
        if suite.table == table:
            return suite
    raise KeyError(f"no suite for {table}: write expectations/{table.replace('.', '/')}.py")


def read_suite(module: ModuleType) -> Suite:
    """The suite of a module, once it is sure that path, table and rule names agree."""
    path = module.__name__.removeprefix("expectations.")
    suite = getattr(module, "SUITE", None)
    if not isinstance(suite, Suite):
        raise RegistryError(f"{module.__name__} has no SUITE")
    if suite.table != path:
        raise RegistryError(f"{module.__name__} holds the suite of {suite.table}")
    names = [rule.name for rule in suite.rules]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise RegistryError(f"{module.__name__} repeats the rule names {', '.join(repeated)}")
    return suite


def _suite_modules(layer: str) -> Iterator[ModuleType]:
    for package in pkgutil.iter_modules(expectations.__path__):
        if package.ispkg and layer_of(package.name) == layer:
            folder = importlib.import_module(f"expectations.{package.name}")
            for module in pkgutil.iter_modules(folder.__path__):
                yield importlib.import_module(f"{folder.__name__}.{module.name}")
