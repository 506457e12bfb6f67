"""Which files a feed offers, and which of them are complete and new.

A file is complete when its size and time do not change while `settle_seconds` pass, or when a
marker `<file>.done` lies beside it. Addresses are any that fsspec knows; what is not a local file
is copied to the run's scratch folder first.
"""

from __future__ import annotations

import errno
import fnmatch
import hashlib
import re
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec

from ingestion.contract import Feed, Table
from ingestion.errors import ConfigurationError, FileProblemError
from ingestion.retries import patiently
from ingestion.settings import FeedSettings

ENDINGS = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet")
COMPRESSIONS = (".gz", ".zst")
MARKER = ".done"
_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)([-_/.]?)(0[1-9]|1[0-2])(?:\2(0[1-9]|[12]\d|3[01]))?"
    r"(?!\d{1,3}(?!\d))"
)
_NUMBER_BEHIND = re.compile(r"[-_T.]?(\d\d[-_:.]\d\d(?:[-_:.]\d\d)?(?!\d)|\d+)")
_LONG_NUMBER = re.compile(r"\d{6,}")
_CHUNK = 1 << 20
Progress = Callable[[str], None]
"""Hears what a person who watches should know."""


def _silent(_: str) -> None:
    """The progress of those whom nobody watches."""


@dataclass(frozen=True)
class FoundFile:
    """A file of a feed. `name` is its path below the feed's folder, the name that people read.

    `sequence` orders deliveries, see `delivery_of`. `stamp` is size and time when it was hashed.
    """

    table: Table
    name: str
    uri: str
    size: int
    modified: str
    local: Path | None = None
    sha256: str = ""
    stamp: tuple[int, int] | None = None

    @property
    def sequence(self) -> str:
        return delivery_of(self.name, self.table.name)

    @property
    def compression(self) -> str | None:
        return _compression(self.name) or None

    @property
    def ending(self) -> str:
        return PurePosixPath(self.name.lower().removesuffix(self.compression or "")).suffix


@dataclass(frozen=True)
class Discovery:
    """What was found: files to take in delivery order, names left for later, names of no table.

    `unrecognised` also has the files of a kind that Tokui cannot read (`receipts.xlsx`).
    """

    files: list[FoundFile]
    unfinished: list[str]
    unrecognised: list[str]


def delivery_of(name: str, table: str) -> str:
    """What orders the deliveries of a table, as digits that compare as text; empty if nothing does.

    The last date in the file's name, else in its folders, and the times or numbers right behind it
    (`receipts_20260701_2.csv`, `2026/07/01/receipts_2.csv`, `dt=2026-07-01/receipts.csv`), each
    with six digits at least so that 2 comes before 10. Without a date, a number of six digits or
    more. A shorter number orders nothing: it may count parts, shops or weeks.
    """
    path = re.sub(r"(?<![A-Za-z])[A-Za-z]+=", "", name)
    stem = PurePosixPath(path).name.removeprefix(table)
    in_stem = _last_date(stem)
    found = in_stem or _last_date(path)
    if found is None:
        number = _LONG_NUMBER.search(stem)
        return number.group() if number else ""
    behind = _numbers_behind((stem if in_stem else path)[found.end() :])
    if not in_stem:
        behind += _numbers_behind(stem)
    return re.sub(r"\D", "", found.group()) + behind


def _last_date(text: str) -> re.Match[str] | None:
    """The last whole date, else the last month."""
    found = list(_DATE.finditer(text))
    days = [match for match in found if match.group(4)]
    return (days or found or [None])[-1]


def _numbers_behind(text: str) -> str:
    digits, position = "", 0
    while match := _NUMBER_BEHIND.match(text, position):
        digits += re.sub(r"\D", "", match.group()).zfill(6)
        position = match.end()
    return digits


def list_files(feed: Feed, settings: FeedSettings, progress: Progress = _silent) -> list[FoundFile]:
    """Files of a feed that belong to a table, complete or not, in delivery order.

    Raises:
        ConfigurationError: the folder does not exist or cannot be reached, in several tries.
    """
    return _scan(feed, settings, progress).files


def discover(feed: Feed, settings: FeedSettings, progress: Progress = _silent) -> Discovery:
    """Find a feed's complete files. A feed without a path is absent: nothing is found.

    Raises:
        ConfigurationError: the folder does not exist or cannot be reached, in several tries.
    """
    found = _scan(feed, settings, progress)
    growing = _growing(feed, settings, found.files)
    ready = [file for file in found.files if file.name not in growing]
    return Discovery(ready, growing, found.unrecognised)


def fetch(file: FoundFile, scratch: Path, progress: Progress = _silent) -> FoundFile:
    """Bring the file's bytes near and hash them: `local` and `sha256` are filled.

    Raises:
        FileProblemError: the file cannot be opened, in several tries where that may help.
    """
    try:
        return patiently(f"fetching {file.name}", lambda: _fetch(file, scratch), progress)
    except FileNotFoundError as error:
        raise FileProblemError(
            file.name,
            "the file was there when the folder was listed and is gone now, or is a link to "
            "nowhere. Put it back or take the link away: nothing of it was loaded.",
        ) from error
    except OSError as error:
        raise FileProblemError(
            file.name,
            f"the file cannot be opened ({error.strerror or type(error).__name__}). Let the user "
            "that Tokui runs as read it, or take it out of the folder.",
        ) from error


def refuse_changed(file: FoundFile) -> None:
    """Refuse a file that was written to while it was read: its content is not what was hashed.

    Raises:
        FileProblemError: its size or time is another than when it was fetched, or it is gone.
    """
    if file.local is None or file.stamp is None:
        return
    try:
        is_same = _stamp(file.local) == file.stamp
    except OSError:
        is_same = False
    if not is_same:
        raise FileProblemError(
            file.name,
            "the file was changed or moved while it was read. Let it be written under another "
            "name and renamed when it is whole, or raise settle_seconds; then run again.",
        )


def why_left_alone(name: str) -> str:
    """Why a file in a feed's folder is not read, and what to do, for `Discovery.unrecognised`."""
    ending = PurePosixPath(name.lower()).suffix
    if ending == ".zip":
        return "a zip archive is not read: unpack it, or pack each file by itself as .gz or .zst"
    if ending in (".xlsx", ".xls", ".xlsm", ".ods", ".numbers"):
        return "a workbook is not read: save its sheet as CSV"
    if name.lower().removesuffix(_compression(name)).endswith(ENDINGS):
        return (
            "it bears the name of no table of the contract: name it so (receipts_20260701.csv), or "
            "set files under [feeds.<feed>.tables.<table>] in tokui.toml"
        )
    return (
        f"it ends in none of {', '.join(ENDINGS)} (or these and .gz or .zst), or is a link to a "
        "folder: export it as one of them, or take it away"
    )


def _fetch(file: FoundFile, scratch: Path) -> FoundFile:
    filesystem, path = fsspec.core.url_to_fs(file.uri)
    if "file" in _protocols(filesystem):
        local = Path(path)
    else:
        scratch.mkdir(parents=True, exist_ok=True)
        local = scratch / (hashlib.sha256(file.uri.encode()).hexdigest()[:16] + file.ending)
        filesystem.get_file(path, str(local))
    stamp = _stamp(local)
    digest = hashlib.sha256()
    with local.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return replace(file, local=local, sha256=digest.hexdigest(), stamp=stamp)


def _stamp(path: Path) -> tuple[int, int]:
    """Size and time of a file. What is no file, a pipe for one, would keep its reader waiting."""
    told = path.stat()
    if not stat.S_ISREG(told.st_mode):
        raise OSError(errno.EINVAL, "it is a pipe, a device or a folder and no file")
    return told.st_size, told.st_mtime_ns


def _scan(feed: Feed, settings: FeedSettings, progress: Progress) -> Discovery:
    if settings.path is None:
        return Discovery([], [], [])
    filesystem, root = _file_system(settings)
    files, unrecognised = [], []
    for name, info in _list(filesystem, root, settings, progress).items():
        if name.endswith(MARKER):
            continue
        is_readable = name.lower().removesuffix(_compression(name)).endswith(ENDINGS)
        table = table_of(feed, settings, name) if is_readable else None
        if table is None:
            unrecognised.append(name)
        else:
            files.append(_found(table, name, info, filesystem))
    files.sort(key=lambda file: (file.sequence, file.name))
    return Discovery(files, [], sorted(unrecognised))


def _file_system(settings: FeedSettings) -> tuple[Any, str]:
    try:
        return fsspec.core.url_to_fs(settings.path)
    except (ValueError, ImportError) as error:
        raise ConfigurationError(
            f"feed {settings.name}: {settings.path} cannot be opened: {error}. Mend "
            f"feeds.{settings.name}.path, or install the file system that it names."
        ) from error


def _list(
    filesystem: Any, root: str, settings: FeedSettings, progress: Progress
) -> dict[str, dict[str, Any]]:
    filesystem.invalidate_cache()
    try:
        is_file, found = patiently(
            f"listing {settings.path}",
            lambda: (filesystem.isfile(root), filesystem.find(root, detail=True)),
            progress,
        )
        if is_file:
            raise ConfigurationError(
                f"feed {settings.name}: {settings.path} is a file. Set feeds.{settings.name}.path "
                "to the folder that holds it."
            )
    except OSError as error:
        raise ConfigurationError(
            f"feed {settings.name}: cannot list {settings.path}: {error}"
        ) from error
    if not found and not filesystem.isdir(root):
        raise ConfigurationError(
            f"feed {settings.name}: {settings.path} does not exist. Make the folder, mend "
            f"feeds.{settings.name}.path, or remove it if the feed is not in use."
        )
    prefix = root.rstrip("/") + "/"
    return {
        path.removeprefix(prefix): info
        for path, info in found.items()
        if not any(part.startswith(".") for part in path.removeprefix(prefix).split("/"))
    }


def table_of(feed: Feed, settings: FeedSettings, name: str) -> Table | None:
    """The table that a file belongs to by its name below the feed's folder."""
    for table in feed.tables:
        pattern = settings.tables[table.name].files
        if pattern is not None and fnmatch.fnmatch(name, pattern):
            return table
    for table in feed.tables:
        if settings.tables[table.name].files is None and is_named(table.name, name):
            return table
    return None


def is_named(table: str, name: str) -> bool:
    """Whether a file bears a table's name: `receipts.csv`, `receipts_20260731.csv`, `receipts/…`.

    Registers on Windows may write it in capitals; a shop's name in Japanese may stand before the
    date (`receipts_新宿店_20260731.csv`), a Latin word may not (`receipts_old_2025.csv`).
    """
    parts = name.lower().split("/")
    if table in parts[:-1]:
        return True
    return re.fullmatch(rf"{table}([^a-z0-9]*\d.*)?(\.[a-z]+){{1,2}}", parts[-1]) is not None


def _found(table: Table, name: str, info: dict[str, Any], filesystem: Any) -> FoundFile:
    modified = info.get("mtime") or info.get("LastModified") or info.get("last_modified") or ""
    return FoundFile(
        table=table,
        name=name,
        uri=filesystem.unstrip_protocol(info["name"]),
        size=info.get("size") or 0,
        modified=str(modified),
    )


def _growing(feed: Feed, settings: FeedSettings, files: list[FoundFile]) -> list[str]:
    """Names of files that still grow. Waits only where files changed a moment ago."""
    fresh = [file for file in files if _age(file) < settings.settle_seconds and not _marked(file)]
    if not fresh:
        return []
    time.sleep(settings.settle_seconds - min(_age(file) for file in fresh) + 0.01)
    again = list_files(feed, settings)
    return [file.name for file in fresh if file not in again]


def _marked(file: FoundFile) -> bool:
    """Whether the writer said that the file is complete: `<file>.done` lies beside it."""
    filesystem, path = fsspec.core.url_to_fs(file.uri)
    return filesystem.exists(f"{path}{MARKER}")


def _age(file: FoundFile) -> float:
    """Seconds since the last change; objects in a store are complete when they can be listed."""
    try:
        return max(0.0, time.time() - float(file.modified))
    except ValueError:
        return float("inf")


def _compression(name: str) -> str:
    return next((ending for ending in COMPRESSIONS if name.lower().endswith(ending)), "")


def _protocols(filesystem: Any) -> tuple[str, ...]:
    return (filesystem.protocol,) if isinstance(filesystem.protocol, str) else filesystem.protocol
