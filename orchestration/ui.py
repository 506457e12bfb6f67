"""`make dev`: Dagster's UI with its daemon, on the retailer's settings or else on the demo's."""

import os
import sys

import dagster as dg

from ingestion.errors import ConfigurationError
from orchestration import home as homes
from orchestration.child import USAGE
from orchestration.columns import ensure_columns
from orchestration.home import Home
from orchestration.instance import bury_dead_runs, use_instance
from orchestration.lock import RunGoingError, RunLock


def main() -> int:
    """Replace this process by `dagster dev`, its records below the warehouse's folder.

    Returns only where there is nothing to show: neither settings of a retailer nor a demo.
    """
    try:
        homes.show_demo_without_settings()
        home, _ = homes.load()
    except ConfigurationError as error:
        print(f"tokui: {error}", file=sys.stderr)
        return USAGE
    use_instance(home)
    _bury_dead_runs(home)
    ensure_columns()
    dagster = os.path.join(os.path.dirname(sys.executable), "dagster")  # noqa: PTH118, PTH120
    return os.execv(dagster, [dagster, "dev", "-w", "workspace.yaml", *sys.argv[1:]])


def _bury_dead_runs(home: Home) -> None:
    """A run that was killed would keep the ones started here waiting; a living one has the lock."""
    try:
        RunLock.acquire(home.lock)
    except RunGoingError:
        return
    with dg.DagsterInstance.get() as instance:
        bury_dead_runs(home, instance)
    RunLock.release(home.lock)


if __name__ == "__main__":
    sys.exit(main())
