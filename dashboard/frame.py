"""The frame of every page: language, navigation, and which version is shown."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from dashboard import data, style
from dashboard.address import asked_for, keep
from dashboard.chapters import (
    campaigns,
    cohorts,
    customer,
    customers,
    journeys,
    ltv,
    overview,
    products,
    quality,
    rfm,
    segments,
    support,
)
from dashboard.view import View
from words import LANGUAGES, Words

_LOG = logging.getLogger("tokui.dashboard")
NAMES = {"en": "English", "ja": "日本語"}


@dataclass(frozen=True)
class Chapter:
    """A page of the dashboard: its address, its English title, an icon, what draws it."""

    path: str
    title: str
    icon: str
    show: Callable[[View], None]
    is_listed: bool = True


CHAPTERS = (
    Chapter("overview", "Overview", ":material/dashboard:", overview.show),
    Chapter("customers", "Find customers", ":material/search:", customers.show),
    Chapter("customer", "Customer", ":material/person:", customer.show, is_listed=False),
    Chapter("segments", "Segments and lists", ":material/groups:", segments.show),
    Chapter("rfm", "RFM", ":material/grid_view:", rfm.show),
    Chapter("ltv", "Lifetime value", ":material/savings:", ltv.show),
    Chapter("cohorts", "Cohorts", ":material/stacked_bar_chart:", cohorts.show),
    Chapter("journeys", "Journeys and members", ":material/route:", journeys.show),
    Chapter("campaigns", "Campaigns", ":material/campaign:", campaigns.show),
    Chapter("products", "Products", ":material/shopping_basket:", products.show),
    Chapter("support", "Support", ":material/support_agent:", support.show),
    Chapter("quality", "Data quality", ":material/fact_check:", quality.show),
)


def main() -> None:
    """Draw the page that the address asks for."""
    st.set_page_config(page_title="Tokui", page_icon="得", layout="wide")
    style.apply()
    words = Words(_language())
    version = data.published(data.home())
    chapters = [
        st.Page(
            partial(draw, chapter, version, words),
            title=words(chapter.title),
            icon=chapter.icon,
            url_path=chapter.path,
            default=chapter is CHAPTERS[0],
            visibility="visible" if chapter.is_listed else "hidden",
        )
        for chapter in CHAPTERS
    ]
    st.navigation(chapters, expanded=True).run()


def draw(chapter: Chapter, version: data.Version | None, words: Words) -> None:
    """A page with its title above and its version below."""
    _tell_language(words)
    st.title(words(chapter.title), anchor=False)
    if version is None:
        _nothing_published(words)
        return
    view = View(version, words)
    st.caption(
        words(
            "Figures up to {day}. Times in {zone}.", day=f"{version.as_of:%Y-%m-%d}", zone=view.zone
        )
    )
    try:
        chapter.show(view)
    except Exception:
        # What went wrong may quote a value: it goes to the terminal, never to the page.
        _LOG.exception("the page %s could not be drawn", chapter.path)
        st.error(
            words(
                "This page could not be drawn. The terminal of `tokui dashboard` says why; what is "
                "published is not affected."
            )
        )
    with st.container(key="complete"):  # By this name the end of a page is known.
        st.caption(words("Version {version}", version=version.name))


def _language() -> str:
    """The language chosen, at first that of the browser."""
    spoken = "ja" if (st.context.locale or "").startswith("ja") else "en"
    with st.sidebar:
        chosen = st.segmented_control(
            "Language / 言語",
            LANGUAGES,
            default=asked_for("lang", LANGUAGES, spoken),
            required=True,
            format_func=NAMES.__getitem__,
            key="language",
        )
    return keep("lang", chosen, spoken)


def _tell_language(words: Words) -> None:
    """Tell the browser, and those who have pages read to them, which language this is."""
    st.html(
        f"<script>document.documentElement.lang = '{words.language}'</script>",
        unsafe_allow_javascript=True,
    )


def _nothing_published(words: Words) -> None:
    st.info(
        words(
            "Nothing is published yet. Run `tokui refresh`, or `make demo` for the demo retailer, "
            "then open this page again. `tokui status` tells how the last run ended."
        )
    )
