"""The child process of `tokui refresh`: executes the Dagster job and reports how it ended."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ingestion.errors import ConfigurationError
from orchestration import home as homes
from orchestration import run as runs
from orchestration.child import BUSY, CRASHED, GREEN, STOPPED, USAGE
from orchestration.columns import LEFT_OUT
from orchestration.commands.arguments import parse_date
from orchestration.home import Home
from orchestration.instance import LOCKED_TAG, bury_dead_runs, use_instance
from orchestration.limits import explain, refuse_full_disk
from orchestration.lock import RunGoingError, RunLock
from orchestration.quick_records import quick_instance
from orchestration.report.keep import closing_words
from orchestration.upgrade import refuse_other_versions

if TYPE_CHECKING:
    from dagster import ExecuteInProcessResult

_STATUSES = {
    "published": GREEN,
    "unchanged": GREEN,
    "stopped": STOPPED,
    "misconfigured": USAGE,
}


def main(arguments: list[str] | None = None) -> int:
    """Run the nightly job once and return the exit status of `tokui`."""
    options = _parse(arguments)
    try:
        home, settings = homes.load()
        RunLock.acquire(home.lock)
        refuse_other_versions(home)
        refuse_full_disk(home, settings)  # Ahead of Dagster, whose records want room as well.
    except ConfigurationError as error:
        return _complain(str(error), USAGE)
    except RunGoingError as error:
        return _complain(str(error), BUSY)
    try:
        return refresh(home, options.as_of or "", options.full, options.next_day)
    except Exception as error:
        # Python's own status for this is 1, which says that a gate or an input stopped the run.
        advice = explain(error, home, settings)
        if advice:
            return _complain(f"{advice}\nThe last publication stays.", CRASHED)
        traceback.print_exc()
        return CRASHED


def refresh(home: Home, as_of: str = "", full: bool = False, next_day: bool = False) -> int:
    """Execute the job in this process, which holds the lock."""
    os.environ.setdefault(LEFT_OUT, "yes")
    use_instance(home)
    with _garbage_looked_for_rarely():
        from orchestration.definitions import defs

        request = {"as_of": as_of, "full": full, "next_day": next_day}
        with quick_instance() as instance:
            bury_dead_runs(home, instance)
            result = defs.resolve_job_def("nightly_refresh").execute_in_process(
                instance=instance,
                run_config={
                    "resources": {"warehouse": {"config": request}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
                tags={LOCKED_TAG: "yes"},
                raise_on_error=False,
            )
    return settle(home, result.run_id, _first_failure(result))


@contextmanager
def _garbage_looked_for_rarely() -> Iterator[None]:
    """Within the block garbage is looked for a hundred times more rarely than by Python itself.

    Imports and Dagster's records make hundreds of thousands of objects that stay: looking through
    them again and again took a twentieth of a small run. What grows with the data is the engine's.
    """
    before = gc.get_threshold()
    gc.set_threshold(70_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def warm() -> None:
    """Pay imports once, for a process whose forks will be runs.

    Opens no database: a fork must not inherit the engine's threads.
    """
    os.environ.setdefault(LEFT_OUT, "yes")
    import dlt  # noqa: F401

    from expectations.runner import load_library
    from orchestration import definitions  # noqa: F401

    load_library()


def settle(home: Home, run_id: str, failure: str = "") -> int:
    """Close the run that ended, say how, and return the exit status.

    Args:
        failure: what Dagster says of the first step that failed, for a run of which the journal
            knows nothing.
    """
    _, settings = homes.load()
    run = runs.going(home, settings)
    if run is not None and run.run_id == run_id:
        runs.close(run)
    row = runs.Journal(home.journal).find_run(run_id)
    if row is None:
        status = USAGE if ConfigurationError.__name__ in failure else CRASHED
        return _complain(f"the run ended before its first step. {failure}", status)
    status = _STATUSES.get(row.status, CRASHED)
    words = closing_words(home, settings, row)
    if status == GREEN:
        print(f"{row.message}\n{words}\nOpen it with any DuckDB client: {home.served}")
        return status
    message = row.message or "the run ended without a word"
    return _complain(
        f"{message}\nThe last publication stays. Details: tokui inspect {run_id[:8]}\n{words}",
        status,
    )


def _first_failure(result: ExecuteInProcessResult) -> str:
    for event in result.all_events:
        if event.is_step_failure and event.step_failure_data.error:
            error = event.step_failure_data.error
            return (error.cause or error).message.strip()
    return ""


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tokui refresh")
    parser.add_argument("--as-of", type=parse_date)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--next-day", action="store_true")
    return parser.parse_args(arguments)


def _complain(message: str, status: int) -> int:
    print(f"tokui: {message}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
