"""`make dev`: Dagster's UI with its daemon, on the retailer's settings or else on the demo's."""

import os
import sys

from ingestion.settings import config_path
from orchestration import home as homes
from orchestration.cli import PROFILES
from orchestration.instance import use_instance


def main() -> None:
    """Replace this process by `dagster dev`, its records below the warehouse's folder."""
    if not config_path().exists():
        os.environ["TOKUI_CONFIG"] = str(PROFILES["demo"])
    home, _ = homes.load()
    use_instance(home)
    dagster = os.path.join(os.path.dirname(sys.executable), "dagster")  # noqa: PTH118, PTH120
    os.execv(dagster, [dagster, "dev", "-w", "workspace.yaml", *sys.argv[1:]])


if __name__ == "__main__":
    main()
