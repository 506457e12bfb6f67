"""What a run says while it goes."""

from __future__ import annotations

import os
import sys


def say(message: str) -> None:
    """A line of progress for the person who watches, on standard error."""
    if os.environ.get("TOKUI_PROGRESS") == "1":
        print(message, file=sys.stderr, flush=True)
