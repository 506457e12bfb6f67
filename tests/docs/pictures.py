"""`python -m tests.docs.pictures HOME`: the pictures in the documentation, from a demo's home."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.browser import browser, visit
from tests.docs.markdown import ROOT

IMAGES = ROOT / "docs" / "images"
_COLOURS = 128
_PATIENCE_MS = 120_000
_TOKUI = [sys.executable, "-m", "orchestration.cli"]


def main(home: Path) -> int:
    """Take every picture; they stand in the README and in the pages of the documentation."""
    from evaluation.dashboard import COMPLETE, served

    IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, browser() as chromium:
        report = Path(folder) / "report.html"
        settings = {"TOKUI_HOME": str(home), "TOKUI_CONFIG": str(home / "tokui.toml")}
        told = [*_TOKUI, "report", "--html", str(report)]
        subprocess.run(told, env=os.environ | settings, check=True)
        _take(chromium, report.as_uri(), "report.png")
        with served(home) as address:
            _take(chromium, address, "dashboard.png", COMPLETE)
    return 0


def _take(chromium: Any, url: str, name: str, is_complete: str = "() => true") -> None:
    """A picture of the top of a page, small enough for a repository."""
    from PIL import Image

    with visit(chromium, url, color_scheme="light") as visited:
        visited.page.wait_for_function(is_complete, timeout=_PATIENCE_MS)
        taken = Image.open(io.BytesIO(visited.page.screenshot()))
    taken.convert("RGB").quantize(_COLOURS).save(IMAGES / name, optimize=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
