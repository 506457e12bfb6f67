"""New files that appear under their name whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ingestion.errors import ConfigurationError

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


@contextmanager
def new_file(target: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A file to write; it gets its name when the block ends well, and is removed when not.

    Until then its `name` is that of a file beside.

    Args:
        mode: permissions before the umask; 0o600 for what nobody else may read.

    Raises:
        ConfigurationError: the folder is not there or cannot be written.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        temporary.unlink(missing_ok=True)
        new = open(temporary, "wb", opener=lambda name, _: os.open(name, _NEW, mode))  # noqa: SIM115
    except OSError as error:
        raise ConfigurationError(
            f"{target} cannot be written ({error.strerror}). Name a file in a folder that is there "
            "and that you may write to: --out FILE"
        ) from error
    try:
        with new as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
