"""Programs from outside that tests talk to; `tests/programs.sh` installs them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


def program(*names: str) -> str:
    """Path of the first of these programs that is there.

    Without one the test is skipped, except where `make test` would have installed it: there its
    absence is a failure.
    """
    for name in names:
        found = shutil.which(name) or (name if Path(name).is_file() else None)
        if found:
            return found
    is_installed_by_us = shutil.which("apt-get") is not None and os.geteuid() == 0
    message = f"none of {', '.join(names)} is installed; tests/programs.sh does that on Debian"
    if is_installed_by_us:
        pytest.fail(message)
    pytest.skip(message)
