"""LINE user ids."""

from __future__ import annotations

import unicodedata


def normalised_line_id(value: str | None) -> str | None:
    """The id without space and case; None for a text without a digit, which is no id."""
    if not value:
        return None
    text = unicodedata.normalize("NFKC", value).strip().lower()
    return text if any(map(str.isdigit, text)) else None
