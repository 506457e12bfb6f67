"""The one resource: what a run is asked for, and the way into it from a Dagster step."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import dagster as dg

from orchestration.run import Request, Run, enter, step

RESUME_TAGS = ("dagster/is_resume_retry", "dagster/is_asset_resume_retry")
POOL = "warehouse"
"""Every step and check is in this pool, of which an instance lets one run at a time."""


class Warehouse(dg.ConfigurableResource):
    """Settings of one run, for Dagster's launchpad and the command line.

    `as_of` is a date, `now` an instant in ISO 8601 with an offset; both empty by default.
    `next_day` computes for the day after the published one, where more is complete.
    """

    as_of: str = ""
    now: str = ""
    full: bool = False
    next_day: bool = False

    def enter(self, context: dg.OpExecutionContext | dg.AssetExecutionContext) -> Run:
        """The run of a step, its warehouse copy open."""
        return enter(context.run.run_id, self._request(), _resumed_from(context.run))

    @contextmanager
    def step(
        self,
        context: dg.OpExecutionContext | dg.AssetExecutionContext,
        name: str,
        *,
        is_whole: bool = True,
    ) -> Iterator[Run]:
        """Enter the run and do one of its steps, whole or in the part that was selected."""
        run = self.enter(context)
        with step(run, name, is_whole=is_whole):
            yield run

    def _request(self) -> Request:
        now = datetime.fromisoformat(self.now) if self.now else None
        if now is not None and now.tzinfo:
            now = now.astimezone(UTC).replace(tzinfo=None)
        as_of = date.fromisoformat(self.as_of) if self.as_of else None
        return Request(as_of, now, self.full, self.next_day)


def _resumed_from(run: dg.DagsterRun) -> str | None:
    """The run that this one goes on from: 'from failure' and 'from step' do, 'all' starts anew."""
    is_part = run.step_keys_to_execute is not None or any(
        run.tags.get(tag) == "true" for tag in RESUME_TAGS
    )
    return run.parent_run_id if is_part else None
