"""Headless Chromium: what a page looks like, whether it can be reached, and what it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.programs import program

if TYPE_CHECKING:
    from playwright.sync_api import Page

LOCAL = ("", "localhost", "127.0.0.1")
WIDTHS = (390, 1280)
"""A phone and a desk."""


@dataclass
class Visit:
    """A page in the browser, and every address that it asked for, answered or not."""

    page: Page
    requested: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def outside(self) -> list[str]:
        """Addresses on other machines."""
        return [url for url in self.requested if urlsplit(url).hostname not in (None, *LOCAL)]

    def violations(self) -> list[dict[str, Any]]:
        """What axe-core finds against WCAG 2.1 A and AA."""
        from axe_playwright_python.sync_playwright import Axe

        rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
        return Axe().run(self.page, options=rules).response["violations"]


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium, started once for several visits."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program("chromium", "chromium-browser", "google-chrome"),
            args=["--no-sandbox"],
        )
        yield chromium
        chromium.close()


@contextmanager
def visit(chromium: Any, url: str, width: int = 1280, **options: Any) -> Iterator[Visit]:
    """A page of its own; `options` are those of a browser's context, `color_scheme` say."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
    visited = Visit(context.new_page())
    visited.page.on("request", lambda request: visited.requested.append(request.url))
    visited.page.on("pageerror", lambda error: visited.errors.append(str(error)))
    visited.page.goto(url)
    yield visited
    context.close()
