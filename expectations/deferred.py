"""Modules that a library imports at its start and that we never use: loaded when they are used.

Great Expectations imports SciPy's statistics and Altair for expectations and pictures that no rule
of ours asks for; they cost every run more than a second. `importlib.util.LazyLoader` is of no use
here: on Python 3.11 a second `import` of the module loads it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


@contextmanager
def deferred(*names: str) -> Iterator[None]:
    """Whoever imports these modules meanwhile gets a stand-in, which loads the module when used.

    Those that are loaded already stay as they are. Afterwards `import` gives the modules again.
    """
    absent = {name: _StandIn(name) for name in names if name not in sys.modules}
    sys.modules.update(absent)
    try:
        yield
    finally:
        for name, stand_in in absent.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]


class _StandIn(ModuleType):
    """Has whatever the module has, once somebody asks for it."""

    def __getattr__(self, name: str) -> Any:
        # What imports look for on their way must not count as use.
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)
