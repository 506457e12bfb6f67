"""Markdown pages as tests need them: headings, code, tables and links, with their lines."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
_FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```[ ]*$", re.S | re.M)
_SPAN = re.compile(r"(?<!`)`(?!`)([^`]+)`(?!`)")
_HEADING = re.compile(r"^(#{1,6}) +(.+?) *#*$", re.M)
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)(?: \"[^\"]*\")?\)")
_ROW = re.compile(r"^\|(.+)\|$", re.M)


@dataclass(frozen=True)
class Block:
    """A fenced block: `language` is empty where none is named."""

    page: str
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Span:
    """Code within a sentence, on one line."""

    page: str
    line: int
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Link:
    """A link or, with `is_image`, a picture."""

    page: str
    line: int
    target: str
    is_image: bool


@dataclass(frozen=True)
class Page:
    """A page by its path from the root of the repository."""

    name: str
    text: str

    @property
    def path(self) -> Path:
        return ROOT / self.name

    @property
    def prose(self) -> str:
        """The text with fenced blocks blanked, so that lines keep their numbers."""
        return _FENCE.sub(lambda found: "\n" * found[0].count("\n"), self.text)

    @property
    def blocks(self) -> list[Block]:
        return [
            Block(self.name, self._line(found.start()), found[2], _dedent(found[3], found[1]))
            for found in _FENCE.finditer(self.text)
        ]

    @property
    def spans(self) -> list[Span]:
        return [
            Span(self.name, _line_of(self.prose, found.start()), " ".join(found[1].split()))
            for found in _SPAN.finditer(self.prose)
        ]

    @property
    def headings(self) -> list[tuple[int, str]]:
        """Level and words of each heading."""
        return [(len(found[1]), found[2]) for found in _HEADING.finditer(self.prose)]

    @property
    def anchors(self) -> set[str]:
        """What a link may name behind `#`, as GitHub makes it of headings."""
        seen: dict[str, int] = {}
        anchors = set(re.findall(r'<a (?:id|name)="([^"]+)"', self.text))
        for _, words in self.headings:
            slug = slug_of(words)
            number = seen.get(slug, 0)
            seen[slug] = number + 1
            anchors.add(f"{slug}-{number}" if number else slug)
        return anchors

    @property
    def links(self) -> list[Link]:
        without_code = _SPAN.sub(lambda found: "x" * len(found[0]), self.prose)
        return [
            Link(self.name, _line_of(without_code, found.start()), found[3], bool(found[1]))
            for found in _LINK.finditer(without_code)
        ]

    @property
    def rows(self) -> list[list[str]]:
        """Cells of every row of every table, rules included."""
        return [
            [cell.strip() for cell in re.split(r"(?<!\\)\|", found[1])]
            for found in _ROW.finditer(self.prose)
        ]

    def _line(self, position: int) -> int:
        return _line_of(self.text, position)


def slug_of(words: str) -> str:
    """GitHub's anchor of a heading: letters and digits of any script, hyphens for spaces."""
    plain = _LINK.sub(lambda found: found[2], words).replace("`", "").strip().lower()
    kept = (c for c in plain if c in "-_ " or unicodedata.category(c)[0] in "LNM")
    return "".join(kept).replace(" ", "-")


@cache
def pages() -> tuple[Page, ...]:
    """All pages that people read: README in each language, CONTRIBUTING, and docs/."""
    paths = [*ROOT.glob("README*.md"), ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]
    return tuple(page_of(path) for path in sorted(paths))


def page_of(path: Path) -> Page:
    """One page, read."""
    return Page(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))


def _line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _dedent(text: str, indent: str) -> str:
    return re.sub(rf"^{indent}", "", text, flags=re.M) if indent else text
