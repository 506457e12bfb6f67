"""Links and file names on the pages lead somewhere, and no page stands alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orchestration.home import Home
from tests.docs.markdown import ROOT, Page, page_of, pages

OF_THE_HOME = {
    "current",
    "published",
    "ops",
    "runs",
    "work",
    "landing",
    "dagster",
    "truth",
    "feeds",
}
"""Folders of a warehouse; `feeds` and `truth` are the demo's."""
OF_THE_READER = {
    "plans/kpi_targets.csv": "an example of a plan file",
    "plans/segment_rules.csv": "an example of a plan file",
    "plans/promotion_lists.csv": "an example of a plan file",
    "warehouse": "where runs write, made by them",
    "dbt_project/target": "made by the set-up",
}
MAX_PICTURE_BYTES = 200_000
_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")


def all_pages() -> list[Page]:
    return [*pages(), page_of(ROOT / "DECISIONS.md")]


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.name)
def test_links_lead_to_files_and_headings_that_are_there(page: Page) -> None:
    broken = []
    for link in page.links:
        if re.match(r"[a-z]+:", link.target):
            continue
        file, _, anchor = link.target.partition("#")
        target = (page.path.parent / file).resolve() if file else page.path
        if not target.exists():
            broken.append(f"{page.name}:{link.line}: there is no {link.target}")
        elif anchor and anchor not in page_of(target).anchors:
            broken.append(f"{page.name}:{link.line}: {file or page.name} has no #{anchor}")
    assert not broken, "\n".join(broken)


def test_pictures_are_small_and_say_what_they_show() -> None:
    for page in pages():
        for link in page.links:
            if link.is_image and not link.target.startswith("http"):
                file = page.path.parent / link.target
                assert file.stat().st_size < MAX_PICTURE_BYTES, link
        assert not re.search(r"!\[\s*\]\(", page.prose), f"{page.name}: a picture without words"


def test_every_page_of_the_documentation_is_in_its_index() -> None:
    index = page_of(ROOT / "docs" / "README.md")
    linked = {(index.path.parent / link.target.partition("#")[0]).resolve() for link in index.links}
    reached = linked | {
        (page.parent / link.target.partition("#")[0]).resolve()
        for page in linked
        if page.name == "README.md" and page.is_relative_to(ROOT / "docs") and page.exists()
        for link in page_of(page).links
    }
    alone = [page for page in (ROOT / "docs").rglob("*.md") if page not in reached | {index.path}]
    assert not alone, [page.relative_to(ROOT).as_posix() for page in alone]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_files_that_a_page_names_exist(page: Page) -> None:
    missing = [
        f"{span.place}: {span.text}"
        for span in page.spans
        if _is_of_the_repository(span.text) and not (ROOT / span.text).exists()
    ]
    assert not missing, "\n".join(missing)


def _is_of_the_repository(text: str) -> bool:
    """Whether code in a sentence names a file below a folder of the repository."""
    first, _, rest = text.partition("/")
    is_path = bool(rest or text.endswith("/")) and bool(_PATH.fullmatch(text)) and first != "."
    is_ours = (ROOT / first).is_dir() and first not in OF_THE_HOME
    return is_path and is_ours and not any(text.startswith(one) for one in OF_THE_READER)


def test_the_folders_of_a_warehouse_are_where_the_pages_say(tmp_path: Path) -> None:
    home = Home(tmp_path)
    named = [home.current.parent, home.published, home.journal.parent, home.runs, home.work]
    named += [home.landing, home.dagster, home.feeds, tmp_path / "truth"]
    assert {path.name for path in named} == OF_THE_HOME


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = Page(
        "docs/settings.md", "# One two\n\n## `[run]`, and so on\n\n[a](#one-two) `code [b](c)`\n"
    )
    assert page.anchors == {"one-two", "run-and-so-on"}
    assert [link.target for link in page.links] == ["#one-two"]
