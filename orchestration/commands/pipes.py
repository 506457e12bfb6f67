"""Standard output that a reader may close, as `head` does."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def while_somebody_reads() -> Iterator[None]:
    """Ends the block quietly when the reader of standard output has enough."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # What Python would still flush at its end must not fail too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
