"""A chart as an SVG picture in both languages, in the colours of the page that it stands on.

A picture is drawn once. Each text that has two languages is laid out in the wider of the two and
written as two spans with their `lang`, of which the page shows one. Colours are the page's own
variables, `--chart-ink` and so on for each role of `theme.LIGHT`, so that dark pages and print need
no picture of their own.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field
from html import escape, unescape

from charts.figure import Figure, Row
from charts.theme import CONFIG, LIGHT, recoloured
from words import Text, Words, both

WIDTH = 340
"""Pixels in which every chart can be read: a phone's page, or a third of a desk's."""
_TITLE = 20
"""Pixels of a chart's title; the height that a chart asks for is without it."""
VARIABLES = {role: f"var(--chart-{role})" for role in LIGHT}
_TEXT = re.compile(r">([^<]+)</text>")
_NOISE = re.compile(
    r' (?:aria-[a-z]+|role|pointer-events|class|font-family|xmlns:xlink|version)="[^"]*"'
)
_BACKGROUND = re.compile(r'<path class="(?:back|fore)ground"[^>]*/>')
_EMPTY = re.compile(r"<g(?: [^>]*)?></g>")
_SIZE = re.compile(r'^<svg[^>]*viewBox="([^"]*)"[^>]*>')


@dataclass(frozen=True)
class BothLanguages(Words):
    """Words for a picture: the wider of two languages, remembered so that both can be written."""

    language: str = "en"
    seen: dict[str, Text] = field(default_factory=dict)

    def __call__(self, english: str, **values: object) -> str:
        return self._shown(both(english, **values))

    def of(self, value: object) -> object:
        return self._shown(value) if isinstance(value, Text) else value

    def _shown(self, text: Text) -> str:
        """The text to lay out; the narrower one where the wider already stands for another."""
        if text.en == text.ja:
            return text.en
        for shown in sorted((text.en, text.ja), key=width, reverse=True):
            known = self.seen.setdefault(shown, text)
            if (known.en, known.ja) == (text.en, text.ja):
                return Text(text.en, text.ja, shown)
        raise ValueError(f"{text.en!r} and {text.ja!r} both stand for other texts of the chart")


def width(text: str) -> float:
    """About how wide a text is, in letters; a Japanese one counts nearly two."""
    return sum(1.8 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def render(figure: Figure, rows: list[Row]) -> str:
    """The picture of a chart, an `<svg>` element without a name: who shows it describes it."""
    import vl_convert

    words = BothLanguages()
    chart = figure.draw(rows, words, WIDTH).to_dict(validate=False)
    chart["height"] += _TITLE if "title" in chart else 0
    chart |= {"config": CONFIG, "autosize": {"type": "fit", "contains": "padding"}, "padding": 2}
    picture = vl_convert.vegalite_to_svg(json.dumps(chart))
    return recoloured(_slim(_in_both(picture, words.seen)), VARIABLES)


def _in_both(picture: str, seen: dict[str, Text]) -> str:
    def write(match: re.Match[str]) -> str:
        text = seen.get(unescape(match[1]))
        if text is None:
            return match[0]
        return (
            f'><tspan lang="en">{escape(text.en)}</tspan>'
            f'<tspan lang="ja">{escape(text.ja)}</tspan></text>'
        )

    return _TEXT.sub(write, picture)


def _slim(picture: str) -> str:
    """The picture without what only scripts and other viewers read."""
    picture = _NOISE.sub("", _BACKGROUND.sub("", picture))
    while _EMPTY.search(picture):
        picture = _EMPTY.sub("", picture)
    return _SIZE.sub(r'<svg viewBox="\1">', picture)
