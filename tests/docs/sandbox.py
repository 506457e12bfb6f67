"""A folder in which the commands of the pages run: the repository's files beside a small demo."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from orchestration import cli
from tests.docs.markdown import ROOT
from tests.docs.shell import simple_commands

_NOT_LINKED = {".git", "warehouse", "tokui.toml"}
_SECONDS = 120


@dataclass(frozen=True)
class Sandbox:
    """As the repository looks to a reader after `make demo`; `./tokui.toml` is the demo's."""

    root: Path

    @classmethod
    def made(cls, root: Path, demo: Path) -> Sandbox:
        """A sandbox around a copy of a demo's home."""
        root.mkdir(parents=True)
        for entry in ROOT.iterdir():
            if entry.name not in _NOT_LINKED:
                (root / entry.name).symlink_to(entry)
        shutil.copytree(demo, root / "warehouse" / "demo", symlinks=True)
        for file in (demo / "tokui.toml", *demo.glob("*.csv")):
            shutil.copyfile(file, root / file.name)
        return cls(root)

    def run(self, line: str) -> tuple[int, str]:
        """Exit status of a line of shell, and what it printed on both channels."""
        commands = simple_commands(line)
        words = shlex.split(line, comments=True)
        if len(commands) == 1 and commands[0][1:] == words[1:] and commands[0][0] == "tokui":
            return self._run_here(words[1:])
        ended = subprocess.run(
            ["sh", "-ec", line],
            cwd=self.root,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        return ended.returncode, ended.stdout

    def _run_here(self, arguments: list[str]) -> tuple[int, str]:
        """`tokui` in this process, which has paid its imports."""
        said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        with (
            patch.dict(os.environ, _environment(), clear=True),
            chdir(self.root),
            redirect_stdout(said),
            redirect_stderr(said),
        ):
            status = cli.main(arguments)
        return status, said.buffer.getvalue().decode(errors="replace")  # type: ignore[attr-defined]


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TOKUI_", "DAGSTER_HOME"))}
    programs = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{kept['PATH']}"
    return kept | {"PYTHONPATH": str(ROOT), "PATH": programs}
