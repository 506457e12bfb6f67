"""`python -m tests.docs.outputs HOME`: the answers shown on pages, printed anew from a demo.

An answer is a block of `text` right behind a block of `sh` with a single `tokui query`. The pages
show those of the small demo as it comes; a test compares their columns with a smaller demo's.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.docs.markdown import ROOT, Page, page_of
from tests.docs.shell import lines_of

PAGES = ("README.md", "README.ja.md", "docs/tutorial.md")
_SHOWN = re.compile(
    r"(?P<asked>^```sh\n(?P<command>(?:\.venv/bin/)?tokui(?: --profile demo)? query [^`]*)^```\n\n)"
    r"```text\n(?P<answer>.*?)```",
    re.S | re.M,
)


def shown(page: Page) -> list[tuple[str, str]]:
    """Commands of a page with the answers shown for them."""
    return [(found["command"], found["answer"]) for found in _SHOWN.finditer(page.text)]


def query_of(command: str) -> str:
    """The SQL of a command."""
    (line,) = lines_of(command)
    return shlex.split(line)[-1]


def columns_of(answer: str) -> list[str]:
    """Names and types of the columns of an answer."""
    return [line for line in answer.splitlines() if line.startswith("│")][:2]


def main(home: Path) -> int:
    """Write what `tokui query` answers on a home into the pages; 0 when all could be asked."""
    environment = os.environ | {"TOKUI_HOME": str(home), "TOKUI_CONFIG": str(home / "tokui.toml")}

    def answered(found: re.Match[str]) -> str:
        asked = [sys.executable, "-m", "orchestration.cli", "query", query_of(found["command"])]
        answer = subprocess.run(asked, env=environment, check=True, capture_output=True, text=True)
        return f"{found['asked']}```text\n{answer.stdout.strip()}\n```"

    for name in PAGES:
        page = page_of(ROOT / name)
        page.path.write_text(_SHOWN.sub(answered, page.text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
