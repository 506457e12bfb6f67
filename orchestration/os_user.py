"""Who runs this."""

from __future__ import annotations

import os
import pwd


def os_user() -> str:
    """The account, as the system knows it; the environment could say anything."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
