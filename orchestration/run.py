"""A run: the copies of the warehouse and of its marts that its steps work on, and what is known.

Whatever is selected, the first step opens the copies. `work/run.json` says whose copy it is, which
steps finished and which gates passed; a step that runs again takes back the gates behind it.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ingestion import ledger, personal
from ingestion.engine import connect_both
from ingestion.errors import ConfigurationError, FeedStoppedError
from ingestion.settings import Settings
from orchestration import home as homes
from orchestration import marts_file, publication
from orchestration.home import Home
from orchestration.journal import Journal, utc_now
from orchestration.limits import explain, refuse_full_disk, use_limits
from orchestration.lock import RunLock
from orchestration.postgres_copy import follow
from orchestration.progress import say

if TYPE_CHECKING:
    import duckdb

STAGES = (
    ("open_warehouse",),
    ("read_plans", "ingest_pos", "ingest_email", "ingest_support"),
    ("raw_gate",),
    ("build_staging",),
    ("staging_gate",),
    ("prepare_identity",),
    ("build_intermediate",),
    ("fit_ltv",),
    ("build_marts",),
    ("marts_gate",),
    ("publish",),
)
"""Steps in the order of the run; steps of one stage do not depend on each other."""

_BY_GRAVITY = ("misconfigured", "stopped", "crashed")
_FICLONE = 0x40049409


class RefusedError(Exception):
    """The step cannot run in this selection; the message says what to run instead."""


class StoppedError(Exception):
    """A gate or a test on data stopped the run."""


@dataclass(frozen=True)
class Request:
    """What a run is asked for: the date to compute for, the clock, whether to rebuild all.

    `next_day` asks for the day after the published one, where more than that is complete.
    """

    as_of: date | None = None
    now: datetime | None = None
    full: bool = False
    next_day: bool = False


@dataclass
class Run:
    """The run that is going."""

    run_id: str
    home: Home
    settings: Settings
    now: datetime
    as_of: date | None = None
    full: bool = False
    next_day: bool = False
    base: int = 0
    finished: list[str] = field(default_factory=list)
    current_step: str | None = None

    @property
    def warehouse(self) -> Path:
        return self.home.work_warehouse

    @property
    def marts(self) -> Path:
        return self.home.work_marts

    def open(self, *, read_only: bool = False) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A connection on both files of the run."""
        return connect_both(self.warehouse, self.marts, read_only=read_only)

    @property
    def journal(self) -> Journal:
        return Journal(self.home.journal)

    @property
    def landing_dir(self) -> Path:
        return self.home.landing / self.run_id

    def key(self) -> bytes:
        return personal.load_key(self.home.root, self.settings.profile)

    def is_complete_before(self, step: str) -> bool:
        """Whether every step ahead of `step` finished in this run, gates included."""
        return all(name in self.finished for stage in STAGES[: _stage(step)] for name in stage)

    def take_back(self, step: str) -> None:
        """A step that runs (again) makes itself and all behind it unfinished."""
        kept = {name for stage in STAGES[: _stage(step) + 1] for name in stage} - {step}
        self.finished = [name for name in self.finished if name in kept]
        self.current_step = step
        self.save()

    def leave(self, step: str, *, is_whole: bool) -> None:
        """Note that a step came to its end; done in part, it is not finished."""
        if is_whole:
            self.finished.append(step)
        self.current_step = None
        self.save()

    def save(self) -> None:
        state = {
            "run_id": self.run_id,
            "now": self.now.isoformat(),
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "full": self.full,
            "next_day": self.next_day,
            "base": self.base,
            "finished": self.finished,
            "current_step": self.current_step,
        }
        _write_text(self.home.work / "run.json", json.dumps(state))


def enter(run_id: str, request: Request, resumed_from: str | None = None) -> Run:
    """The run with its copy of the warehouse, opened by whichever step comes first.

    Args:
        resumed_from: id of the failed run that is executed again from its failure, if any.

    Raises:
        RunGoingError: another run holds the warehouse.
        RefusedError: the run to resume left no copy.
        ConfigurationError: see `ingestion.settings` and `ingestion.ledger`.
    """
    home, settings = homes.load()
    use_limits(settings)
    RunLock.acquire(home.lock, float(os.environ.get("TOKUI_LOCK_WAIT_SECONDS", "600")))
    run = going(home, settings)
    if run is not None and run.run_id == run_id:
        return run
    if resumed_from is not None:
        return _resume(home, settings, run_id, resumed_from)
    heal(home, settings)
    return _open(home, settings, run_id, request)


@contextmanager
def step(run: Run, name: str, *, is_whole: bool = True) -> Iterator[None]:
    """Around a step: progress, time and memory to the journal, and the reason when it fails.

    A step of which only a part was selected is never finished: publication waits for the whole.
    """
    run.take_back(name)
    started, wall, cpu = utc_now(), time.perf_counter(), _cpu_seconds()
    try:
        yield
    except Exception as error:
        _enter_failure(run, error)
        say(f"✗ {name}: {(str(error) or type(error).__name__).splitlines()[0]}")
        raise
    finally:
        took = time.perf_counter() - wall
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        run.journal.record_step(run.run_id, name, started, took, _cpu_seconds() - cpu, peak)
    run.leave(name, is_whole=is_whole)
    say(f"✓ {name} ({took:.1f} s)")


def heal(home: Home, settings: Settings) -> None:
    """Put right what a run left that was killed or stopped. Needs the lock."""
    publication.roll_forward(home, say)
    for note in follow(home, settings, publication.read_manifest(home)):
        say(note)
    journal = Journal(home.journal)
    _enter_published(home, journal)
    left = going(home, settings)
    if left is not None:
        row = journal.find_run(left.run_id)
        if row is None or (row.status == "running" and left.current_step is not None):
            discard(home)
        else:
            close(left)
    for row in journal.running():
        journal.finish_run(
            row.run_id, "killed", "the process ended without a word; nothing was published"
        )
        shutil.rmtree(home.landing / row.run_id, ignore_errors=True)
    discard(home)
    _prune(home, settings)


def set_aside(home: Home, run_id: str) -> None:
    """Move the run's folder to `runs/`, where `tokui inspect` finds it."""
    target = home.runs / run_id
    if target.exists():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    if home.work.exists():
        os.replace(home.work, target)


def discard(home: Home) -> None:
    """Drop the run's folder: it holds nothing that is not kept elsewhere.

    Whatever cannot be removed stops the next run here: DuckDB would take a log left of one
    warehouse for that of another.
    """
    if home.work.exists():
        shutil.rmtree(home.work)


def close(run: Run) -> None:
    """Settle a run that ended: keep a red or partial copy for inspection, drop a green one's.

    A green run on upgraded tables shows that the files of the old version are needed no more.
    """
    row = run.journal.find_run(run.run_id)
    if row is None or row.status in ("published", "unchanged"):
        discard(run.home)
        for old in run.home.kept_by_upgrade if row else ():
            old.unlink(missing_ok=True)
        return
    if row.status == "running":
        run.journal.finish_run(run.run_id, *_unsaid(run), as_of=run.as_of)
    set_aside(run.home, run.run_id)
    _prune(run.home, run.settings)


def going(home: Home, settings: Settings) -> Run | None:
    """The run whose copy lies in `work/`; None too if its state was not written to the end."""
    try:
        state = json.loads((home.work / "run.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return Run(
        run_id=state["run_id"],
        home=home,
        settings=settings,
        now=datetime.fromisoformat(state["now"]),
        as_of=date.fromisoformat(state["as_of"]) if state["as_of"] else None,
        full=state["full"],
        next_day=state.get("next_day", False),
        base=state["base"],
        finished=state["finished"],
        current_step=state.get("current_step"),
    )


def _open(home: Home, settings: Settings, run_id: str, request: Request) -> Run:
    home.work.mkdir(parents=True, exist_ok=True)
    run = Run(
        run_id,
        home,
        settings,
        now=request.now or clock(settings),
        as_of=request.as_of,
        full=request.full,
        next_day=request.next_day,
        base=_base(home),
    )
    run.journal.start_run(run_id, settings.profile, utc_now())
    try:
        _refuse_future(run)
        refuse_full_disk(home, settings)
        if home.current.exists():
            clone(home.current, home.work_warehouse)
        published = marts_file.as_it_was_made(home)
        if published is not None:
            clone(published, home.work_marts)
        with run.open() as connection:
            ledger.prepare(connection, settings.profile, personal.fingerprint(run.key()))
            marts_file.begin(connection)
        run.save()
    except Exception as error:
        _enter_failure(run, error)
        raise
    return run


def _resume(home: Home, settings: Settings, run_id: str, resumed_from: str) -> Run:
    run = going(home, settings)
    if run is None or run.run_id != resumed_from or not run.marts.exists():
        folder = home.runs / resumed_from
        if folder.exists():
            os.utime(folder)  # The newest now, so that healing does not prune it.
        heal(home, settings)
        # Runs of older versions built the marts within the warehouse.
        if not all((folder / name).exists() for name in ("run.json", home.work_marts.name)):
            raise RefusedError(
                f"run {resumed_from} left no copy of the warehouse to go on from (only the last "
                f"{settings.publication.keep_runs} are kept). Start the whole job again."
            )
        os.replace(folder, home.work)
        run = going(home, settings)
        assert run is not None
    _refuse_older_base(home, run)
    run.run_id = run_id
    run.journal.start_run(run_id, settings.profile, utc_now())
    run.save()
    return run


def _refuse_future(run: Run) -> None:
    """A head of a day to come would turn every later night into an older date beside it."""
    zone = ZoneInfo(run.settings.company.timezone)
    today = run.now.replace(tzinfo=UTC).astimezone(zone).date()
    if run.as_of is not None and run.as_of > today:
        raise ConfigurationError(f"the as-of date {run.as_of} lies after today, {today}.")


def _enter_failure(run: Run, error: Exception) -> None:
    """Enter in the journal why the run fails; steps side by side may fail each for its reason."""
    row = run.journal.find_run(run.run_id)
    statuses, messages = [_status_of(error)], [str(error) or type(error).__name__]
    if statuses == ["crashed"]:
        messages += filter(None, [explain(error, run.home, run.settings)])
    if row is not None and row.status in _BY_GRAVITY:
        statuses.append(row.status)
        messages.insert(0, row.message or "")
    status = max(statuses, key=_BY_GRAVITY.index)
    run.journal.finish_run(run.run_id, status, "\n".join(messages), as_of=run.as_of)


def _enter_published(home: Home, journal: Journal) -> None:
    """A run that ended between its commit and its last word to the journal did publish."""
    head = publication.read_manifest(home)
    row = journal.find_run(head["run_id"]) if head else None
    if head is None or row is None or row.status in ("published", "unchanged"):
        return
    journal.finish_run(
        row.run_id,
        "published",
        "the process ended while it published; the next start finished that",
        as_of=date.fromisoformat(head["as_of"]),
        version=head["version"],
    )


def _unsaid(run: Run) -> tuple[str, str]:
    """Status and message of a run whose steps ended and none of them said that it failed."""
    if run.current_step is not None:
        return "crashed", f"{run.current_step} was interrupted; nothing was published"
    if run.finished:
        return "partial", f"the run ended after {run.finished[-1]}; nothing was published"
    return "partial", "the run ended before its first step; nothing was published"


def _refuse_older_base(home: Home, run: Run) -> None:
    """A copy that began before the last publication must not overwrite it."""
    if run.base != _base(home):
        raise RefusedError(
            f"run {run.run_id} began before the last publication. Start the whole job again."
        )


def _base(home: Home) -> int:
    """Tells one state of the current warehouse from the next."""
    return home.current.stat().st_mtime_ns if home.current.exists() else 0


def clone(source: Path, target: Path) -> None:
    """Copy a file: without copying its blocks where the file system can, else within the kernel."""
    with source.open("rb") as reader, target.open("wb") as writer:
        try:
            fcntl.ioctl(writer.fileno(), _FICLONE, reader.fileno())
            return
        except OSError:
            pass
    shutil.copyfile(source, target)


def _prune(home: Home, settings: Settings) -> None:
    """Keep the last runs and the landed files of the last days."""
    keep = settings.publication
    for old in _newest_first(home.runs)[keep.keep_runs :]:
        shutil.rmtree(old, ignore_errors=True)
    limit = time.time() - keep.keep_landing_days * 86400
    for folder in _newest_first(home.landing):
        if folder.stat().st_mtime < limit:
            shutil.rmtree(folder, ignore_errors=True)


def _newest_first(folder: Path) -> list[Path]:
    if not folder.exists():
        return []
    return sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)


def clock(settings: Settings) -> datetime:
    """Now, UTC without a zone: the settings' instant where they have one."""
    if settings.now is None:
        return utc_now()
    instant = datetime.fromisoformat(settings.now)
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant


def _stage(step: str) -> int:
    return next(index for index, stage in enumerate(STAGES) if step in stage)


def _status_of(error: Exception) -> str:
    if isinstance(error, (StoppedError, FeedStoppedError)):
        return "stopped"
    if isinstance(error, (ConfigurationError, RefusedError)):
        return "misconfigured"
    return "crashed"


def _write_text(path: Path, text: str) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def _cpu_seconds() -> float:
    mine = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + children.ru_utime + children.ru_stime
