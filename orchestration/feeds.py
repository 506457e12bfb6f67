"""What the feeds offer beside what the warehouse has, and files that are to be read again."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from ingestion import ledger
from ingestion.contract import FEEDS, Feed, find_table
from ingestion.discovery import FoundFile, discover, fetch, list_files
from ingestion.engine import connect
from ingestion.errors import ConfigurationError, FileProblemError
from ingestion.reload import LoadedBefore, files_to_read, missing_files, missing_message
from ingestion.settings import FeedSettings, Settings
from orchestration.decisions import request_reload
from orchestration.home import Home
from orchestration.journal import Journal


@dataclass(frozen=True)
class OfferedFile:
    """A file of a feed: `state` is loaded, new, held, unfinished or unrecognised."""

    feed: str
    table: str
    name: str
    state: str


def list_feeds(home: Home, settings: Settings) -> list[OfferedFile]:
    """Files of all feeds that have a folder, in the order of delivery.

    Raises:
        ConfigurationError: a feed's folder cannot be reached.
    """
    held = _held(home)
    found = []
    for feed in FEEDS.values():
        given = settings.feeds[feed.name]
        offered = discover(feed, given)
        loaded = _loaded(home, feed)
        for file in _fetched(offered.files):
            table = file.table.qualified_name
            is_loaded = (table, file.sha256) in loaded
            is_held = (table, file.name) in held
            state = "loaded" if is_loaded else "held" if is_held else "new"
            found.append(OfferedFile(feed.name, table, file.name, state))
        for state in ("unfinished", "unrecognised"):
            found += [OfferedFile(feed.name, "", name, state) for name in getattr(offered, state)]
    return found


def reload_file(home: Home, settings: Settings, name: str, table: str | None = None) -> list[str]:
    """Ask the next run to forget a file's rows and to read it again; the files read with it.

    Raises:
        ConfigurationError: the file was never loaded, or a file that is needed is gone.
    """
    table = _loaded_table(home, name, table)
    contract = find_table(table)
    given = settings.feeds[contract.feed_name]
    with connect(home.current, read_only=True) as connection:
        needed = files_to_read(connection, table, name, given.tables[contract.name].mode)
    missing = missing_files(needed, _there(contract.feed_name, given, needed))
    if missing:
        raise ConfigurationError(missing_message(name, missing))
    request_reload(Journal(home.journal), table, name)
    return [one.file for one in needed[1:]]


def withdraw_reload(home: Home, name: str, table: str | None = None) -> None:
    """Take a request back.

    Raises:
        ConfigurationError: the file was never loaded.
    """
    table = _loaded_table(home, name, table)
    request_reload(Journal(home.journal), table, name, withdraw=True)


def _loaded_table(home: Home, name: str, table: str | None) -> str:
    """The one table that a file was loaded into."""
    loaded: list[tuple[str, str]] = []
    if home.current.exists():
        with connect(home.current, read_only=True) as connection:
            loaded = connection.execute(
                "select distinct table_name, file from ledger.files order by all"
            ).fetchall()
    found = [one for one in loaded if one[1] == name and table in (None, one[0])]
    if len(found) == 1:
        return found[0][0]
    if found:
        tables = ", ".join(one[0] for one in found)
        raise ConfigurationError(f"reload: {name} is a file of {tables}. Say which: --table TABLE")
    raise ConfigurationError(
        f"reload: no file {name} is loaded; `tokui feeds list` names files as a reload takes them."
    )


def _there(feed: str, given: FeedSettings, needed: list[LoadedBefore]) -> list[FoundFile]:
    names = {one.file for one in needed}
    return _fetched([file for file in list_files(FEEDS[feed], given) if file.name in names])


def _fetched(files: list[FoundFile]) -> list[FoundFile]:
    """Files with the hash of their content; one that cannot be opened has none."""
    found = []
    with tempfile.TemporaryDirectory(prefix="tokui-feeds-") as folder:
        for file in files:
            try:
                found.append(fetch(file, Path(folder)))
            except FileProblemError:
                found.append(file)
    return found


def _loaded(home: Home, feed: Feed) -> set[tuple[str, str]]:
    if not home.current.exists():
        return set()
    with connect(home.current, read_only=True) as connection:
        return {
            (table.qualified_name, file.sha256)
            for table in feed.tables
            for file in ledger.loaded_files(connection, table.qualified_name)
        }


def _held(home: Home) -> set[tuple[str, str]]:
    """Files that the last run refused."""
    if not home.journal.exists():
        return set()
    journal = Journal(home.journal)
    last = journal.last_runs(1)
    rows = journal.query(
        "select table_name, file from ops.held_files where run_id = ?",
        [last[0].run_id if last else ""],
    )
    return set(rows)
