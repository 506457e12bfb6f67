"""The commands that users run, each in a process of its own: what is judged is what they get."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from orchestration.home import Home


class CommandError(Exception):
    """A command did not end with status 0. The message holds its last words."""


def tokui(home: Path, *arguments: str) -> str:
    """Run `tokui` on a home and return what it printed to standard output.

    Raises:
        CommandError: it did not end with status 0.
    """
    command = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        env=os.environ | {"TOKUI_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if command.returncode:
        raise CommandError(
            f"tokui {' '.join(arguments)} ended with {command.returncode}:\n"
            f"{command.stderr[-2000:]}"
        )
    return command.stdout


def refresh(home: Path, *arguments: str) -> None:
    """Run the nightly job on a home that holds its settings itself."""
    tokui(home, "--profile", "demo", "refresh", *arguments)


def digests(home: Path) -> dict[str, str]:
    """Digest of each published mart, by name."""
    manifest = json.loads(Home(home).manifest.read_text(encoding="utf-8"))
    return {name: table["digest"] for name, table in manifest["tables"].items()}
