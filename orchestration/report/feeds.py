"""Section: the feeds, what arrived of them last, and what was held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orchestration.report import formats
from orchestration.report.sources import Sources
from words import both

HEADER = ("feed", "files", "newest delivery", "loaded", "state")


@dataclass(frozen=True)
class Feed:
    """What is loaded of a feed: files, the newest delivery by its name, when the last one came.

    `is_stale` says that its new files were held: it stays at its last good state.
    """

    name: str
    files: int
    newest_delivery: str | None
    loaded_at: datetime | None
    is_stale: bool


@dataclass(frozen=True)
class Feeds:
    """All feeds with files, and why files were refused."""

    feeds: tuple[Feed, ...]
    refused: tuple[str, ...]


def gather(sources: Sources) -> Feeds:
    """Freshness from the published file, refusals from the journal."""
    messages = sources.of_run(
        "select distinct message from ops.held_files where run_id = ? order by message"
    )
    held = {row[0] for row in sources.of_run("select feed from ops.held_files where run_id = ?")}
    rows: list[tuple] = []
    if sources.manifest is not None:
        rows = sources.query(
            "select feed, sum(files)::bigint, max(last_delivery), max(last_loaded_at) "
            "from now.ops.source_freshness group by feed order by feed"
        )
    return Feeds(
        feeds=tuple(Feed(*row, is_stale=row[0] in held) for row in rows),
        refused=tuple(row[0] for row in messages),
    )


def lines(feeds: Feeds) -> list[str]:
    """A line a feed and a line a refused file."""
    told = formats.columns([HEADER, *body(feeds)]) if feeds.feeds else []
    told += [f"refused: {message}" for message in feeds.refused]
    return told or ["no file was refused"]


def body(feeds: Feeds) -> list[tuple[str, ...]]:
    """A row a feed."""
    return [
        (
            feed.name,
            formats.count(feed.files),
            feed.newest_delivery or formats.NONE,
            formats.instant(feed.loaded_at),
            both("held: not up to date") if feed.is_stale else both("up to date"),
        )
        for feed in feeds.feeds
    ]
