"""`tokui docs`: the documentation of every table as a page."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("docs", help="write the documentation of every table as a page")
    command.add_argument(
        "--out", metavar="FOLDER", type=Path, help="the folder; default TOKUI_HOME/docs"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the page and say where it lies; the demo's where there are no settings."""
    from orchestration import home as homes
    from orchestration.catalog.site import write_site
    from orchestration.child import GREEN

    homes.show_demo_without_settings()
    home, _ = homes.load()
    print(write_site(home, options.out or home.docs))
    return GREEN
