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
    """Serve until it is ended; the demo where there are no settings."""
    from dashboard.server import serve
    from orchestration import home as homes
    from orchestration.child import GREEN

    homes.show_demo_without_settings()
    home, _ = homes.load()
    serve(home, options.address, options.port)
    return GREEN
