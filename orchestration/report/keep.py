"""Where reports lie: in the folder of a version, or beside the journal for runs without one."""

from __future__ import annotations

from pathlib import Path

from ingestion.settings import Settings
from orchestration.home import Home
from orchestration.journal import RunRow
from orchestration.report.page import IN_SHORT, Report, build, html, short
from orchestration.report.sources import folder_of, sources_of, sources_while_publishing
from orchestration.run import Run, say

_KEPT = 30
"""Reports of runs that published nothing; `tokui report RUN` makes any of them anew."""


def report_of(home: Home, settings: Settings, run: RunRow) -> Report:
    """The facts of a run that ended."""
    with sources_of(home, settings, run) as sources:
        return build(sources)


def write_into_version(run: Run, folder: Path, *, is_head: bool) -> None:
    """Write the page of the run that is publishing `folder`; its manifest stands there already.

    A page that cannot be written keeps no good data back: it is said, and the run goes on.
    """
    page = folder / run.home.report.name
    try:
        with sources_while_publishing(
            run.home, run.settings, run.run_id, folder, is_head=is_head
        ) as sources:
            page.write_text(html(build(sources)), encoding="utf-8")
    except Exception as error:
        page.unlink(missing_ok=True)  # Half a page, if the disk is full.
        say(
            f"  {page.name} could not be written ({type(error).__name__}); "
            f"`tokui report {run.run_id[:8]}` tries again and says why"
        )


def closing_words(home: Home, settings: Settings, run: RunRow) -> str:
    """Keep the page of a run that ended; the report in a few lines, and where the page lies.

    Whatever fails here, the run has ended as it has: it is said, and changes nothing.
    """
    try:
        page = _page_of_version(home, run)
        with sources_of(home, settings, run) as sources:
            # The page of a version was written with it; without one, all goes onto a page now.
            report = build(sources, IN_SHORT if page else None)
        return "\n".join([*short(report), f"  report     {page or keep(home, run, report)}"])
    except Exception as error:
        return (
            f"the report could not be made ({type(error).__name__}); `tokui report "
            f"{run.run_id[:8]}` tries again and says why"
        )


def keep(home: Home, run: RunRow, report: Report) -> Path:
    """The page of a run, written now if it is none of a version; returns where it lies."""
    written = _page_of_version(home, run)
    if written is not None:
        return written
    home.reports.mkdir(parents=True, exist_ok=True)
    page = home.reports / f"{run.started_at:%Y%m%dT%H%M%S}-{run.run_id[:8]}.html"
    page.write_text(html(report), encoding="utf-8")
    for old in sorted(home.reports.glob("*.html"))[:-_KEPT]:
        old.unlink(missing_ok=True)
    return page


def _page_of_version(home: Home, run: RunRow) -> Path | None:
    """The page that was written when the run published; None for a run that has none."""
    folder = folder_of(home, run)
    page = folder / home.report.name if folder is not None else None
    return page if page is not None and page.exists() else None
