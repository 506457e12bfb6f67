"""Section: what ran, how it ended, and how long it took beside the runs before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from ingestion.engine import literal
from orchestration.publication import SPOKEN
from orchestration.report import formats
from orchestration.report.sources import Sources
from words import both

GREEN = ("published", "unchanged")
RED = ("stopped", "misconfigured", "crashed", "killed")
HEADER = ("step", "took", "usually", "CPU", "peak")
_COMPARED_RUNS = 10


@dataclass(frozen=True)
class Step:
    """One step: seconds of clock and CPU, peak MiB, and the median seconds of the runs before."""

    name: str
    seconds: float
    cpu_seconds: float
    peak_mib: float
    usual_seconds: float | None


@dataclass(frozen=True)
class Course:
    """A run from its start to its end. `usual_seconds` is the median of the last ten green ones."""

    run_id: str
    profile: str
    status: str
    as_of: date | None
    version: str | None
    started_at: datetime
    finished_at: datetime | None
    seconds: float | None
    usual_seconds: float | None
    compared_runs: int
    steps: tuple[Step, ...]
    message: str
    served_version: str | None
    served_as_of: str | None

    @property
    def is_green(self) -> bool:
        return self.status in GREEN


def gather(sources: Sources) -> Course:
    """Facts of the run itself."""
    run = sources.run
    durations = _durations_before(sources)
    return Course(
        run_id=run.run_id,
        profile=run.profile,
        status=run.status,
        as_of=run.as_of_date,
        version=run.version,
        started_at=run.started_at,
        finished_at=run.finished_at,
        seconds=(run.finished_at - run.started_at).total_seconds() if run.finished_at else None,
        usual_seconds=median(durations.values()) if durations else None,
        compared_runs=len(durations),
        steps=_steps(sources, list(durations)),
        message=_message(sources),
        served_version=sources.head["version"] if sources.head else None,
        served_as_of=sources.head["as_of"] if sources.head else None,
    )


def lines(course: Course) -> list[str]:
    """What ran, in lines."""
    told = [
        f"run        {course.run_id}  ({course.profile})",
        f"status     {course.status}",
        f"as of      {course.as_of or formats.NONE}",
        f"version    {course.version or 'nothing new published'}",
        f"started    {formats.instant(course.started_at)}",
        f"took       {took(course)}",
    ]
    if not course.is_green:
        told.append(f"readers    {readers_see(course)}")
        told += course.message.splitlines()
    table = formats.columns([HEADER, *body(course)], right=(1, 2, 3, 4))
    return told + (["", *table] if course.steps else [])


def body(course: Course) -> list[tuple[str, ...]]:
    """A row a step, as text."""
    return [
        (
            step.name,
            formats.seconds(step.seconds),
            formats.seconds(step.usual_seconds),
            formats.seconds(step.cpu_seconds),
            f"{step.peak_mib:,.0f} MiB",
        )
        for step in course.steps
    ]


def took(course: Course) -> str:
    """The duration, and what is usual."""
    if not course.compared_runs:
        return formats.seconds(course.seconds)
    seconds, usual = formats.seconds(course.seconds), formats.seconds(course.usual_seconds)
    if course.compared_runs == 1:
        return both("{seconds} (the run before: {usual})", seconds=seconds, usual=usual)
    return both(
        "{seconds} (median of the {n} runs before: {usual})",
        seconds=seconds,
        n=course.compared_runs,
        usual=usual,
    )


def readers_see(course: Course) -> str:
    """What stays published when a run publishes nothing."""
    if course.served_version is None:
        return both("nothing is published yet")
    return both(
        "go on seeing version {version}, as of {day}",
        version=course.served_version,
        day=course.served_as_of,
    )


def _message(sources: Sources) -> str:
    """What the run said when it ended, without what an unforeseen error may quote."""
    run = sources.run
    if run.status in SPOKEN and run.status not in GREEN:
        return run.message or ""
    if run.status not in ("crashed", "killed"):
        return ""
    last = sources.of_run(
        "select step from ops.steps where run_id = ? order by started_at desc limit 1"
    )
    where = f" The last step on record: {last[0][0]}." if last else ""
    return f"The run ended without an orderly word.{where} Details: tokui inspect {run.run_id[:8]}"


def _durations_before(sources: Sources) -> dict[str, float]:
    """Seconds of the last green runs before this one, by their ids."""
    statuses = ", ".join(literal(status) for status in GREEN)
    rows = sources.query(
        "select run_id, epoch(finished_at - started_at) from ops.runs "
        f"where status in ({statuses}) and finished_at is not null "
        f"and started_at < {literal(sources.run.started_at)} "
        f"order by started_at desc, run_id limit {_COMPARED_RUNS}"
    )
    return dict(rows)


def _steps(sources: Sources, compared: list[str]) -> tuple[Step, ...]:
    among = ", ".join(literal(run_id) for run_id in compared) or "null"
    usual = dict(
        sources.query(
            f"select step, median(wall_seconds) from ops.steps where run_id in ({among}) "
            "group by step"
        )
    )
    rows = sources.of_run(
        "select step, sum(wall_seconds), sum(cpu_seconds), max(peak_memory_mib) from ops.steps "
        "where run_id = ? group by step order by min(started_at), step"
    )
    return tuple(Step(*row, usual_seconds=usual.get(row[0])) for row in rows)
