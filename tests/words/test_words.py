"""Texts of pages: English as the key, and a Japanese one for each."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from markupsafe import escape

from words import ENGLISH, JAPANESE, Text, Words, both, joined

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "words").glob("*.ja.toml"))
_CALLS = {"both", "words"}
_IN_TEMPLATES = re.compile(r"\bt\(\s*\"([^\"]+)\"")


def texts_of(file: Path) -> dict[str, str]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def asked_for() -> Iterator[tuple[str, str]]:
    """Every text that the code of the charts and of the report asks for, and where."""
    for folder in ("charts", "orchestration/report"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and getattr(node.func, "id", "") in _CALLS
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                ):
                    yield path.name, node.args[0].value
        for path in sorted((ROOT / folder).rglob("*.j2")):
            for found in _IN_TEMPLATES.findall(path.read_text(encoding="utf-8")):
                yield path.name, found


def test_every_text_that_is_asked_for_has_a_japanese_one() -> None:
    known = {text for file in FILES for text in texts_of(file)}
    missing = {(where, text) for where, text in asked_for() if text not in known}
    assert not missing
    assert len(list(asked_for())) > 120


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_both_languages_name_the_same_values(file: Path) -> None:
    for english, japanese in texts_of(file).items():
        assert _fields(english) == _fields(japanese), english


def test_two_files_do_not_say_one_text_differently() -> None:
    said: dict[str, str] = {}
    for file in FILES:
        for english, japanese in texts_of(file).items():
            assert said.setdefault(english, japanese) == japanese, (file.name, english)


def test_headings_of_the_report_have_a_japanese_one() -> None:
    from orchestration.report import course, feeds, page, quarantine, restated, rows, stores
    from orchestration.report.headlines import HEADLINES

    headers = (
        course.HEADER,
        feeds.HEADER,
        quarantine.HEADER,
        restated.HEADER,
        rows.HEADER_IN,
        rows.HEADER_OUT,
        stores.HEADER,
        [section.title for section in page.SECTIONS],
        [page.LEFT_OUT, *course.GREEN, *course.RED],
    )
    for text in [text for header in headers for text in header]:
        assert both(text)
    for headline in HEADLINES:
        assert headline.label.ja
        factors = headline.words[1:] if headline.reason == "flow" else headline.words
        assert all(both(factor) for factor in factors if factor)


def test_a_text_is_written_in_the_language_of_its_sentence() -> None:
    text = both("from {what}", what=both("receipts"))
    assert (text, text.en, text.ja) == ("from receipts", "from receipts", "レシート数による")
    assert JAPANESE("from {what}", what=both("receipts")) == "レシート数による"
    assert ENGLISH.of(text) == "from receipts"
    assert Words("ja").of("as it is") == "as it is"


def test_texts_are_joined_in_both_languages() -> None:
    text = joined([both("receipts"), "A店"])
    assert (text.en, text.ja) == ("receipts, A店", "レシート数、A店")


def test_a_text_in_a_page_is_two_spans_with_their_languages() -> None:
    text = Text("<b>a</b>", "<b>あ</b>")
    assert escape(text) == (
        '<span lang="en">&lt;b&gt;a&lt;/b&gt;</span><span lang="ja">&lt;b&gt;あ&lt;/b&gt;</span>'
    )
    assert escape(Text("1 & 2", "1 & 2")) == "1 &amp; 2"


def test_a_text_without_japanese_is_an_error() -> None:
    with pytest.raises(KeyError):
        both("nobody wrote this")


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
