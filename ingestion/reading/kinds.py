"""What a file is by its first bytes, whatever its name says."""

from __future__ import annotations

import codecs
import re

from ingestion.errors import FileProblemError

_COMPARED = 4096
_SIGNATURES = (
    (rb"PK\x03\x04", "a zip archive or an Excel workbook", "Export it as CSV, plain, .gz or .zst."),
    (rb"\xd0\xcf\x11\xe0", "an Excel workbook", "Save it as CSV."),
    (rb"PAR1", "a Parquet file", "Let its name end in .parquet."),
    (rb"\x1f\x8b", "a gzip archive", "Let its name end in .gz as well."),
    (rb"\x28\xb5\x2f\xfd", "a zstd archive", "Let its name end in .zst as well."),
    (rb"BZh[1-9]1AY&SY", "a bzip2 archive", "Pack it as .gz or .zst, or deliver it unpacked."),
    (rb"\xfd7zXZ", "an xz archive", "Pack it as .gz or .zst, or deliver it unpacked."),
    (rb"%PDF-", "a PDF document", "Export the data itself as CSV."),
    (
        rb"(?i)\s*<(!doctype html|html|head|body)",
        "a web page, such as a log-in or error page",
        "Download the export again.",
    ),
    (rb"\s*<\?xml", "an XML document", "Export it as CSV, JSON Lines or Parquet."),
)


def refuse_other_kind(name: str, start: bytes) -> None:
    """Refuse a file that is no text, by its first bytes.

    Raises:
        FileProblemError: it is of a kind that its name does not say.
    """
    start = start.removeprefix(codecs.BOM_UTF8)
    for signature, kind, remedy in _SIGNATURES:
        if re.match(signature, start):
            raise FileProblemError(name, f"the file is {kind} and no text. {remedy}")


def refuse_other_archive(name: str, compression: str, start: bytes) -> None:
    """Refuse a file whose name says that it is packed when it is not, or not so.

    Raises:
        FileProblemError: it is not the archive that its name says.
    """
    signature = {".gz": b"\x1f\x8b", ".zst": b"\x28\xb5\x2f\xfd"}[compression]
    skippable = compression == ".zst" and re.match(rb"[\x50-\x5f]\x2a\x4d\x18", start)
    if start and not skippable and not start.startswith(signature[: len(start)]):
        raise FileProblemError(
            name,
            f"its name ends in {compression} and it is no such archive. Take {compression} off its "
            "name if it is not packed, or pack it again.",
        )


def is_utf16(start: bytes) -> bool:
    """Whether text begins as UTF-16, marked or not: Latin letters leave every other byte empty."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    compared = start[:_COMPARED]
    few, many = sorted((compared[::2].count(0), compared[1::2].count(0)))
    return many > len(compared) / 8 and many > 4 * few
