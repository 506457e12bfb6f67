"""The subcommands of `tokui`, a module each.

A module's `add_to` declares its arguments, its `run` imports what it needs when it is called: a
command that only looks must answer at once.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

NAMES = (
    "refresh",
    "demo",
    "status",
    "query",
    "report",
    "inspect",
    "gate",
    "quarantine",
    "init",
    "feeds",
    "reload",
    "publish",
    "doctor",
    "upgrade",
    "export",
    "export_list",
    "digest",
    "metrics",
    "docs",
    "evaluate",
    "why",
    "dashboard",
)
"""In the order of the help."""


def modules() -> list[ModuleType]:
    """The modules of all commands."""
    return [import_module(f"{__name__}.{name}") for name in NAMES]
