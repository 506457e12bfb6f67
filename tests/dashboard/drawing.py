"""Pages of the dashboard, drawn without a browser."""

from __future__ import annotations

from html import unescape

from streamlit.testing.v1 import AppTest

from dashboard.frame import CHAPTERS

PARTS = {
    "customer": ("person", "way", "purchases", "contact", "identity"),
    "segments": ("segments", "lists"),
    "journeys": ("journey", "lifecycle", "tiers", "channels", "ambassadors"),
    "campaigns": ("campaigns", "attribution", "coupons"),
    "products": ("baskets", "offers", "cycles", "price", "best_sellers"),
    "support": ("requests", "topics", "nps", "bot"),
    "quality": ("checks", "feeds", "quarantine", "runs"),
}
"""Parts of the pages that have parts."""
PAGES = [(chapter.path, part) for chapter in CHAPTERS for part in PARTS.get(chapter.path, ("",))]


def _script(path: str) -> None:
    import streamlit as st

    from dashboard import data, frame
    from words import Words

    chapter = next(chapter for chapter in frame.CHAPTERS if chapter.path == path)
    language = st.query_params.get("lang", "en")
    frame.draw(chapter, data.published(data.home()), Words(language))


def drawn(path: str, **asked: str) -> AppTest:
    """A page as its address asks for it."""
    page = AppTest.from_function(_script, kwargs={"path": path}, default_timeout=60)
    page.query_params.update(asked)
    return page.run()


def errors(page: AppTest) -> list[str]:
    """What a page says went wrong."""
    return [error.value for error in (*page.error, *page.exception)]


def html_of(page: AppTest) -> str:
    """The tables and tiles of a page."""
    return unescape("\n".join(element.value for element in page.get("html")))


def captions(page: AppTest) -> list[str]:
    """The lines in small print."""
    return [caption.value for caption in page.caption]
