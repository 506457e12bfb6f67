"""README.md and README.ja.md say the same: what is no language is equal in both."""

from __future__ import annotations

import re

from tests.docs.markdown import ROOT, Page, page_of, slug_of

PAIR = ("README.md", "README.ja.md")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def both() -> tuple[Page, Page]:
    english, japanese = (page_of(ROOT / name) for name in PAIR)
    return english, japanese


def test_the_headings_correspond() -> None:
    english, japanese = both()
    levels = [[level for level, _ in page.headings] for page in (english, japanese)]
    assert levels[0] == levels[1]
    own = [words for _, words in japanese.headings if not _JAPANESE.search(words)]
    assert set(own) <= {"Tokui"}, "headings without Japanese"


def test_commands_and_settings_are_the_same() -> None:
    english, japanese = both()
    code = [
        [
            (block.language, _without_comments(block.text))
            for block in page.blocks
            if block.language != "text"
        ]
        for page in (english, japanese)
    ]
    assert code[0] == code[1]
    assert len(english.blocks) == len(japanese.blocks)


def _without_comments(text: str) -> str:
    return re.sub(r"\s*#.*", "", text)


def test_tables_have_the_same_rows_and_name_the_same_things() -> None:
    english, japanese = both()
    assert [len(row) for row in english.rows] == [len(row) for row in japanese.rows]
    for one, other in zip(english.rows, japanese.rows, strict=True):
        assert _code(one) == _code(other)


def _code(row: list[str]) -> list[str]:
    return sorted(re.findall(r"`([^`]+)`", " ".join(row)))


def test_links_and_pictures_are_the_same_in_the_same_order() -> None:
    english, japanese = both()
    assert _targets(english) == _targets(japanese)


def _targets(page: Page) -> list[str]:
    """Where links lead; one within the page, by the number of its heading."""
    numbers = {f"#{slug_of(words)}": f"#{n}" for n, (_, words) in enumerate(page.headings)}
    targets = [link.target for link in page.links if link.target not in PAIR]
    return [numbers.get(target, target) for target in targets]


def test_each_leads_to_the_other() -> None:
    english, japanese = both()
    assert "README.ja.md" in [link.target for link in english.links]
    assert "README.md" in [link.target for link in japanese.links]


def test_both_name_the_same_commands_and_files_in_each_section() -> None:
    for one, other in zip(_sections(both()[0]), _sections(both()[1]), strict=True):
        assert _spans(one) == _spans(other)


def _sections(page: Page) -> list[str]:
    return re.split(r"^#+ .*$", page.prose, flags=re.M)


def _spans(text: str) -> set[str]:
    """Code in a section; a word that stands for something is a word of the language."""
    return {" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text)}


def test_the_japanese_page_is_japanese() -> None:
    _, japanese = both()
    paragraphs = [part for part in re.split(r"\n\s*\n", japanese.prose) if part.strip()]
    foreign = [
        part
        for part in paragraphs
        if not _JAPANESE.search(part) and len(re.sub(r"`[^`]*`|\[.*?\]\(.*?\)|\W", "", part)) > 20
    ]
    assert not foreign
