"""Text files as UTF-8: decoded strictly, and refused with the encoding that would read them."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from ingestion.discovery import FoundFile
from ingestion.errors import FileProblemError
from ingestion.reading.desk import Desk
from ingestion.reading.kinds import is_utf16, refuse_other_kind
from ingestion.reading.unpacking import chunks
from ingestion.settings import ENCODINGS

_JIS = b"\x1b$"
"""How ISO-2022-JP switches to Japanese; all its bytes are ASCII, so that it decodes as anything."""
_FEW = 3


def as_utf8(desk: Desk, file: FoundFile) -> Path:
    """A UTF-8 copy without byte-order mark; the file itself where it is that already.

    Raises:
        FileProblemError: the bytes are no text, or not of the encoding that is set.
    """
    encoding = ENCODINGS[desk.format.encoding.lower()]
    start = next(chunks(file, desk.limits), b"")
    refuse_other_kind(file.name, start)
    if is_utf16(start):
        raise _exported_otherwise(desk, file, "UTF-16", 1)
    is_marked = start.startswith(codecs.BOM_UTF8)
    if encoding == "cp932":
        _refuse_utf8(desk, file, is_marked)
        if _is_euc(desk, file):
            raise _exported_otherwise(desk, file, "EUC-JP", 1)
    elif file.compression is None and not is_marked:
        for _ in _decoded(desk, file, "utf-8"):
            pass
        return desk.addressable(file)
    target = desk.target(file)
    with target.open("w", encoding="utf-8", newline="") as out:
        out.writelines(_decoded(desk, file, encoding))
    return target


def _refuse_utf8(desk: Desk, file: FoundFile, is_marked: bool) -> None:
    """UTF-8 often decodes as CP932 too, to wrong letters, so it is looked for before.

    Half-width kana of CP932 can be UTF-8 of two bytes by chance, but not of three.
    """
    if is_marked:
        told = "the file begins with a UTF-8 byte-order mark"
    elif any(letter > "\u07ff" for letter in _letters(desk, file, "utf-8")):
        told = "the file is UTF-8"
    else:
        return
    raise FileProblemError(
        file.name,
        f'{told} but its encoding is set to cp932. Set encoding = "utf-8" under {desk.section()}.',
        lines=(1,) if is_marked else (),
    )


def _decoded(desk: Desk, file: FoundFile, encoding: str) -> Iterator[str]:
    """The text of a file, in chunks; refused at the first byte that is none."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line_ends = 0
    try:
        for chunk in chunks(file, desk.limits):
            if _JIS in chunk:
                line = line_ends + chunk[: chunk.index(_JIS)].count(b"\n") + 1
                raise _exported_otherwise(desk, file, "ISO-2022-JP (JIS)", line)
            yield decoder.decode(chunk)
            line_ends += chunk.count(b"\n")
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        line = line_ends + error.object[: error.start].count(b"\n") + 1
        raise _undecodable(desk, file, encoding, error, line) from error


def _exported_otherwise(desk: Desk, file: FoundFile, encoding: str, line: int) -> FileProblemError:
    return FileProblemError(
        file.name,
        f"the bytes are not {desk.format.encoding.lower()}. It is {encoding}: export it as UTF-8 "
        "or CP932.",
        lines=(line,),
    )


def _undecodable(
    desk: Desk, file: FoundFile, encoding: str, error: UnicodeDecodeError, line: int
) -> FileProblemError:
    """Where the encoding first fails, and which other one would read the file."""
    other = "cp932" if encoding != "cp932" else "utf-8"
    if error.end == len(error.object) and "unexpected end" in error.reason:
        hint = "It ends in the middle of a character: it was cut off. Copy it again."
    elif other == "cp932" and _is_euc(desk, file):
        return _exported_otherwise(desk, file, "EUC-JP", line)
    elif _letters(desk, file, other):
        hint = f'It reads as {other}: set encoding = "{other}" under {desk.section()}.'
    else:
        hint = "No encoding that Tokui knows reads it: export the file again as UTF-8 or CP932."
    configured = desk.format.encoding.lower()
    return FileProblemError(file.name, f"the bytes are not {configured}. {hint}", lines=(line,))


def _is_euc(desk: Desk, file: FoundFile) -> bool:
    """EUC-JP decodes as CP932 too: to kanji among half-width kana, or to commas among them.

    Half-width kana of CP932 may decode as EUC-JP by chance, but not with kanji among them.
    """
    found = {letter for letter in _letters(desk, file, "euc_jp") if not _is_half_width(letter)}
    if len(found) < _FEW:
        return False
    otherwise = _letters(desk, file, "cp932")
    has_kanji = any(not _is_half_width(letter) for letter in otherwise)
    return has_kanji or sum("\u3041" <= letter <= "\u3093" for letter in found) >= _FEW


def _is_half_width(letter: str) -> bool:
    return "\uff61" <= letter <= "\uff9f"


def _letters(desk: Desk, file: FoundFile, encoding: str) -> set[str]:
    """Letters beyond ASCII, if the whole file is text of an encoding; else none."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    found: set[str] = set()
    try:
        for chunk in chunks(file, desk.limits):
            text = decoder.decode(chunk)
            if not chunk.isascii():
                found.update(text)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return set()
    return {letter for letter in found if letter > "\x7f"}
