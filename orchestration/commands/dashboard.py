"""`tokui dashboard`: the published version as pages in a browser."""

from __future__ import annotations

import argparse


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("dashboard", help="the published version as pages in a browser")
    command.add_argument("--port", type=int, default=8501, help="default 8501")
    command.add_argument(
        "--address", default="127.0.0.1", help="where to listen; default 127.0.0.1, this machine"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until it is ended; the demo where no settings are named or found, as `make dev`."""
    import os

    from dashboard.server import serve
    from ingestion.settings import config_path
    from orchestration import home as homes
    from orchestration.child import GREEN

    if "TOKUI_CONFIG" not in os.environ and not config_path().exists():
        os.environ["TOKUI_CONFIG"] = str(homes.PROFILES["demo"]())
    home, _ = homes.load()
    serve(home, options.address, options.port)
    return GREEN
