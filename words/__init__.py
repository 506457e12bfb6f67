"""What people read on pages, in English and Japanese.

English stands in the code and is the key; `<part>.ja.toml` beside this file holds the Japanese of a
part of the project, a line a text. A text without Japanese is an error where Japanese is asked for,
so that a test which draws every page in both languages finds it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

LANGUAGES = ("en", "ja")


class Text(str):
    """A text in both languages: English as a string, Japanese beside it.

    It can be written wherever a string can. `joined` and `Words` keep both languages; Python's own
    operations on strings keep English alone. In a template it stands as two spans, each with its
    `lang`, of which a page shows one.
    """

    en: str
    ja: str

    def __new__(cls, english: str, japanese: str, shown: str | None = None) -> Text:
        text = super().__new__(cls, english if shown is None else shown)
        text.en, text.ja = english, japanese
        return text

    def __html__(self) -> str:
        english, japanese = escape(self.en), escape(self.ja)
        if english == japanese:
            return english
        return f'<span lang="en">{english}</span><span lang="ja">{japanese}</span>'


@dataclass(frozen=True)
class Words:
    """Texts in one language, `en` or `ja`."""

    language: str

    def __call__(self, english: str, **values: object) -> str:
        """A text, with `{name}` in it replaced by the value of that name.

        A value that is a `Text` is written in the same language.

        Raises:
            KeyError: the text has no Japanese.
        """
        text = _japanese()[english] if self.language == "ja" else english
        told = {name: self.of(value) for name, value in values.items()}
        return text.format(**told) if told else text

    def of(self, value: object) -> object:
        """A value that was written already, in this language where it is a `Text`."""
        if not isinstance(value, Text):
            return value
        return value.ja if self.language == "ja" else value.en


ENGLISH, JAPANESE = Words("en"), Words("ja")


def both(english: str, **values: object) -> Text:
    """A text in both languages.

    Raises:
        KeyError: the text has no Japanese.
    """
    return Text(ENGLISH(english, **values), JAPANESE(english, **values))


def joined(texts: Iterable[str], comma: str = ", ") -> Text:
    """Texts one after the other; Japanese has its own comma."""
    listed = list(texts)
    japanese = [str(JAPANESE.of(text)) for text in listed]
    return Text(comma.join(listed), comma.replace(", ", "、").join(japanese))


@cache
def _japanese() -> dict[str, str]:
    texts: dict[str, str] = {}
    for file in sorted(Path(__file__).parent.glob("*.ja.toml")):
        texts |= tomllib.loads(file.read_text(encoding="utf-8"))
    return texts
