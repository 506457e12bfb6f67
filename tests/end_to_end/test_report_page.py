"""The report's page in a browser: reachable, in both languages, on a phone and on a desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from charts import FIGURES
from tests.browser import WIDTHS, Visit, browser, visit
from tests.conftest import Retailer
from tests.generated import GeneratedRetailer

LIMIT = 5_000_000
"""Bytes of a page; the demo of medium size keeps within it."""


_LETTERS = """svg => [...svg.querySelectorAll("tspan")]
    .filter(text => getComputedStyle(text).display !== "none").map(text => text.textContent)"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def url(generated_demo: GeneratedRetailer) -> str:
    return generated_demo.home.report.as_uri()


def shown(page: Visit) -> str:
    """What a person reads."""
    return page.page.inner_text("main")


def test_the_page_shows_every_chart_with_its_numbers(generated_demo: GeneratedRetailer) -> None:
    page = generated_demo.home.report.read_text(encoding="utf-8")
    assert len(page.encode()) < LIMIT
    assert "could not be drawn" not in page
    assert set(re.findall(r'<figure id="(\w+)">', page)) == set(FIGURES)
    # There are too few customers for a backtest, which is said in words.
    assert page.count('<svg role="img" aria-labelledby="about-') == len(FIGURES) - 1
    assert "The predictions cannot be compared" in page
    described = re.findall(r'aria-labelledby="(about-\w+)"', page)
    assert all(f'id="{name}"' in page for name in described)
    assert page.count("<summary>") >= len(FIGURES)


def test_a_small_retailer_is_told_what_cannot_be_shown(published_demo: Retailer) -> None:
    page = published_demo.home.report.read_text(encoding="utf-8")
    assert "could not be drawn" not in page
    assert "There are too few customers for RFM" in page
    assert 'id="net_sales_daily"' in page


@pytest.mark.parametrize(
    ("width", "scheme", "language"), [(WIDTHS[0], "light", "en"), (WIDTHS[1], "dark", "ja")]
)
def test_everybody_can_read_it(
    chromium: Any, url: str, width: int, scheme: str, language: str
) -> None:
    with visit(chromium, url, width, color_scheme=scheme) as page:
        page.page.check(f"#in-{language}")
        for details in page.page.query_selector_all("figure details")[:3]:
            details.evaluate("element => element.open = true")
        assert not page.outside
        assert not page.errors
        assert [(found["id"], found["nodes"][0]["html"]) for found in page.violations()] == []
        assert page.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_language_is_changed_by_the_keyboard(chromium: Any, url: str) -> None:
    with visit(chromium, url) as page:
        assert "Headline figures" in shown(page)
        assert "主要指標" not in shown(page)
        page.page.keyboard.press("Tab")
        page.page.keyboard.press("ArrowRight")
        assert "主要指標" in shown(page)
        assert "Headline figures" not in shown(page)
        letters = page.page.locator("#rfm_grid svg").evaluate(_LETTERS)
        assert "優良顧客" in letters
        assert "Champions" not in letters


def test_a_chart_is_named_in_the_language_that_is_read(chromium: Any, url: str) -> None:
    with visit(chromium, url) as page:
        chart = page.page.get_by_role("img", name=re.compile("customers by how lately"))
        assert chart.count() == 1
        page.page.check("#in-ja")
        assert chart.count() == 0
        assert page.page.get_by_role("img", name=re.compile("を、最近の購入")).count() == 1


def test_letters_of_charts_can_be_told_from_what_lies_beneath(chromium: Any, url: str) -> None:
    """Axe does not look into pictures: ink against the strongest cell of a heat map."""
    for scheme in ("light", "dark"):
        with visit(chromium, url, color_scheme=scheme) as page:
            ink, fill, card = (
                page.page.evaluate(
                    "name => { const probe = document.createElement('i');"
                    "probe.style.color = `var(${name})`; document.body.append(probe);"
                    "return getComputedStyle(probe).color.match(/[0-9]+/g).map(Number); }",
                    name,
                )
                for name in ("--chart-ink", "--chart-accent", "--card")
            )
        cell = [0.45 * a + 0.55 * b for a, b in zip(fill, card, strict=True)]
        assert _contrast(ink, cell) >= 4.5


def test_it_prints(chromium: Any, url: str) -> None:
    with visit(chromium, url, color_scheme="dark") as page:
        page.page.emulate_media(media="print")
        assert page.page.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
        assert page.page.pdf(format="A4").startswith(b"%PDF")


def _contrast(one: list[float], other: list[float]) -> float:
    """Contrast of two colours as WCAG 2.1 measures it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: list[float]) -> float:
    parts = [c / 255 for c in colour]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
