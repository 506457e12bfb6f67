"""Answers shown on the pages have the columns that the query gives, and were printed, not typed."""

from __future__ import annotations

import pytest

from tests.docs.markdown import ROOT, page_of
from tests.docs.outputs import PAGES, columns_of, shown
from tests.docs.sandbox import Sandbox

ANSWERS = [
    pytest.param(command, answer, id=f"{name}-{number}")
    for name in PAGES
    for number, (command, answer) in enumerate(shown(page_of(ROOT / name)), 1)
]


@pytest.mark.parametrize(("command", "answer"), ANSWERS)
def test_an_answer_has_the_columns_of_its_query(
    command: str, answer: str, sandbox: Sandbox
) -> None:
    status, said = sandbox.run(command.strip())
    assert status == 0, said
    shown_columns, columns = (
        [[cell.strip() for cell in line.split("│")] for line in columns_of(text)]
        for text in (answer, said)
    )
    assert shown_columns == columns and columns


def test_the_tutorial_shows_its_answers() -> None:
    assert len(shown(page_of(ROOT / "docs" / "tutorial.md"))) >= 6
    assert page_of(ROOT / "docs" / "tutorial.md").text.count('query "') == len(
        shown(page_of(ROOT / "docs" / "tutorial.md"))
    )
