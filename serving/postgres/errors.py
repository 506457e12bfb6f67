"""What may go wrong with the copy."""

from __future__ import annotations


class CopyError(Exception):
    """The copy could not be brought to the published version; the one before stays as it was.

    The message says what to do, and holds neither the address of the server nor a value of a row.
    """


def said(error: Exception) -> str:
    """What Postgres says of an error, without the lines that may quote values of a row."""
    diagnosis = getattr(error, "diag", None)
    text = (diagnosis.message_primary if diagnosis is not None else None) or str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
