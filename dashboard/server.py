"""The server of the dashboard: for this machine alone unless told otherwise, and silent."""

from __future__ import annotations

import os
import socket
from importlib.util import find_spec
from pathlib import Path

from charts.theme import DARK, LIGHT
from ingestion.errors import ConfigurationError
from orchestration.home import Home

HERE = "127.0.0.1"
PORT = 8501
SCRIPT = Path(__file__).parent / "entry" / "app.py"
OPTIONS = {
    "browser.gatherUsageStats": "false",
    "server.headless": "true",
    "server.showEmailPrompt": "false",
    "server.fileWatcherType": "none",
    "runner.magicEnabled": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "logger.hideWelcomeMessage": "true",
    "theme.headingFontSizes": '["1.9rem","1.35rem","1.1rem"]',
    "theme.light.primaryColor": LIGHT["accent"],
    "theme.light.textColor": LIGHT["ink"],
    "theme.dark.primaryColor": DARK["accent"],
    "theme.dark.textColor": DARK["ink"],
}
"""Settings of Streamlit that a page relies on; errors go to the terminal, never to a page."""


def serve(home: Home, address: str = HERE, port: int = PORT) -> None:
    """Show a warehouse's publications until somebody ends the server.

    Raises:
        ConfigurationError: Streamlit is not installed, or the port is taken.
    """
    if find_spec("streamlit") is None:
        raise ConfigurationError(
            "the dashboard needs Streamlit: pip install 'tokui[dashboard]', or `make setup`."
        )
    _refuse_taken(address, port)
    os.environ["TOKUI_HOME"] = str(home.root)
    _warm_up()
    from streamlit.web import cli

    print(
        f"Dashboard of {home.root}: http://{_spelled(address)}:{port} (Ctrl-C ends it)", flush=True
    )
    cli.main(["run", *_options(address, port), str(SCRIPT)], prog_name="tokui dashboard")


def _options(address: str, port: int) -> list[str]:
    own = {"server.address": address, "server.port": str(port)}
    return [f"--{name}={value}" for name, value in (OPTIONS | own).items()]


def _refuse_taken(address: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise ConfigurationError(
                f"{address} port {port} cannot be used ({error.strerror}). End what uses it, or "
                "choose another one: tokui dashboard --port 8502."
            ) from error


def _warm_up() -> None:
    """Import what pages need, so that the first visitor does not wait for it."""
    import altair
    import pandas
    import pyarrow
    import streamlit.elements.vega_charts

    del altair, pandas, pyarrow, streamlit


def _spelled(address: str) -> str:
    return f"[{address}]" if ":" in address else address
