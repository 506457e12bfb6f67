"""The names in a file's header, compared with the contract before any row is read."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata

from ingestion.discovery import FoundFile
from ingestion.errors import FileProblemError
from ingestion.reading.desk import Desk

_NAMES_IN_MESSAGE, _LETTERS_IN_MESSAGE = 20, 60
_ALIKE = 0.75


def compare(desk: Desk, file: FoundFile, names: list[str]) -> tuple[dict[str, int], list[int]]:
    """Compare a header with the contract: index of each column found, indexes of the rest.

    Raises:
        FileProblemError: a column stands there twice, or a required one not at all.
    """
    known = {column.name for column in desk.table.columns}
    positions: dict[str, int] = {}
    extra: list[int] = []
    seen: set[str] = set()
    for index, name in enumerate(names):
        target = desk.format.columns.get(name, name)
        if name in seen or target in positions:
            raise FileProblemError(
                file.name,
                f"the {_place(file)} has this column twice. Export one of them only, or under "
                "another name."
                if name in seen
                else f"two columns of the {_place(file)} are this one: mend the mapping of "
                f"{_shown(name)} under {desk.section()}.",
                column=_shown(target),
                lines=_lines(file),
            )
        seen.add(name)
        if target in known:
            positions[target] = index
        else:
            extra.append(index)
    refuse_missing(desk, file, names, positions)
    return positions, extra


def refuse_other_delimiter(desk: Desk, file: FoundFile, names: list[str]) -> None:
    """A header that is one column, with another delimiter in it, is split by that one.

    Raises:
        FileProblemError: it is.
    """
    if len(names) != 1:
        return
    for other in (",", "\t", ";", "|"):
        if other in names[0] and other != desk.delimiter(file):
            raise FileProblemError(
                file.name,
                f"the header is one column with the delimiter {desk.delimiter(file)!r} and "
                f"seems to be split by {other!r}. Set delimiter = {json.dumps(other)} "
                f"under {desk.section()}, or export it as before.",
                lines=(1,),
            )


def refuse_missing(
    desk: Desk, file: FoundFile, names: list[str], positions: dict[str, int]
) -> None:
    """Refuse a file that lacks a required column, and tell what may have become of it.

    Raises:
        FileProblemError: it does.
    """
    missing = [c.name for c in desk.table.columns if c.required and c.name not in positions]
    if not missing:
        return
    raise FileProblemError(
        file.name,
        f"the {_place(file)} lacks the required column{'s' if len(missing) > 1 else ''} "
        f"{', '.join(_with_own_name(desk, name) for name in missing)}; "
        f"{_what_is_there(file, names, positions)}. {_remedy(desk, names, positions, missing)}",
        column=missing[0],
        lines=_lines(file),
    )


def _with_own_name(desk: Desk, column: str) -> str:
    """A column with the header that the settings map to it."""
    own = next((name for name, to in desk.format.columns.items() if to == column), None)
    return f"{column} (mapped from {own})" if own else column


def _place(file: FoundFile) -> str:
    """Where the names of columns stand in a file."""
    return {".parquet": "file", ".jsonl": "file", ".ndjson": "file"}.get(file.ending, "header")


def _lines(file: FoundFile) -> tuple[int, ...]:
    return (1,) if _place(file) == "header" else ()


def _what_is_there(file: FoundFile, names: list[str], positions: dict[str, int]) -> str:
    """The header's names; not if all are strange: then they may be a row's values."""
    if not positions:
        told = f"none of its {len(names)} column{'' if len(names) == 1 else 's'} is known"
        return told + (", or the first line is not a header" if _lines(file) else "")
    shown = ", ".join(_shown(name) for name in names[:_NAMES_IN_MESSAGE])
    return f"it has {shown}" + (" and more" if len(names) > _NAMES_IN_MESSAGE else "")


def _remedy(desk: Desk, names: list[str], positions: dict[str, int], missing: list[str]) -> str:
    taken = {names[index] for index in positions.values()}
    free = {folded(name): name for name in names if name not in taken} if positions else {}
    pairs = {}
    for column in missing:
        for like in difflib.get_close_matches(folded(column), free, n=1, cutoff=_ALIKE):
            pairs[column] = free.pop(like)
    where = f"under {desk.section('.columns')}"
    if not pairs:
        return f"Export it, or map your own header to it {where}."
    meant = ", ".join(f"{_shown(name)} for {column}" for column, name in pairs.items())
    mapped = ", ".join(
        f'{json.dumps(_shown(n), ensure_ascii=False)} = "{c}"' for c, n in pairs.items()
    )
    return f"Did you mean {meant}? Map it: {mapped} {where}; or export it under its name."


def folded(name: str) -> str:
    """A name without what people vary: width, capitals, spaces and signs."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\W_]+", "", folded) or name


def _shown(name: str) -> str:
    """A name as a message shows it: one that is no name is cut short, and so are its controls."""
    printable = "".join(letter if letter.isprintable() else "\ufffd" for letter in name)
    return printable[:_LETTERS_IN_MESSAGE] + ("…" if len(printable) > _LETTERS_IN_MESSAGE else "")
