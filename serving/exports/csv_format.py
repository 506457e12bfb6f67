"""How a CSV file is written. Light: the command line reads it at every start."""

from __future__ import annotations

from dataclasses import dataclass

ENCODINGS = ("utf-8", "utf-8-no-bom", "cp932")
"""`utf-8` begins with a byte-order mark, without which Excel takes a file for one in CP932."""
STAND_IN = "〓"
"""What Japanese print puts where a character is missing."""


@dataclass(frozen=True)
class CsvFormat:
    """How a file is written.

    `encoding` is one of `ENCODINGS`. `keep_formulas` leaves a text that begins like a formula as it
    is; else an apostrophe is set before it. `replace` writes `STAND_IN` for what CP932 lacks.
    """

    encoding: str = "utf-8"
    keep_formulas: bool = False
    replace: bool = False
