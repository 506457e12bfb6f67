"""The dashboard as its command serves it, in headless Chromium."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from evaluation.dashboard import COMPLETE, measure, served
from orchestration.cli import main
from tests.browser import WIDTHS, Visit, browser, visit
from tests.conftest import Retailer

PATIENCE = 120_000


@dataclass
class Site:
    """A dashboard that is served, and a browser to look at it."""

    url: str
    chromium: Any


@pytest.fixture(scope="module")
def site(published_demo: Retailer) -> Iterator[Site]:
    os.environ["TOKUI_CONFIG"] = str(published_demo.config)
    with served(published_demo.home.root) as url, browser() as chromium:
        yield Site(url, chromium)


def wait(visited: Visit) -> None:
    visited.page.wait_for_function(COMPLETE, timeout=PATIENCE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "rfm", "cohorts?measure=value&lang=ja"])
def test_everybody_can_read_it_and_it_asks_nobody_else(site: Site, path: str, scheme: str) -> None:
    with visit(site.chromium, f"{site.url}/{path}", color_scheme=scheme) as visited:
        wait(visited)
        found = [(rule["id"], rule["nodes"][0]["html"]) for rule in visited.violations()]
        assert not found
        assert not visited.outside
        assert not visited.errors


@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_is_no_wider_than_the_screen(site: Site, width: int) -> None:
    with visit(site.chromium, f"{site.url}/campaigns", width) as visited:
        wait(visited)
        main_part = visited.page.locator('[data-testid="stMain"]')
        assert main_part.evaluate("part => part.scrollWidth <= part.clientWidth")


def test_the_keyboard_alone_leads_to_another_page(site: Site) -> None:
    with visit(site.chromium, site.url) as visited:
        wait(visited)
        link = visited.page.get_by_role("link", name="RFM")
        for _ in range(30):
            visited.page.keyboard.press("Tab")
            if link.evaluate("link => link === document.activeElement"):
                break
        visited.page.keyboard.press("Enter")
        visited.page.get_by_role("heading", level=1, name="RFM").wait_for(timeout=PATIENCE)
        assert visited.page.url.endswith("/rfm")


def test_japanese_is_said_to_be_japanese_and_stays(site: Site) -> None:
    with visit(site.chromium, site.url) as visited:
        wait(visited)
        visited.page.get_by_text("日本語").click()
        visited.page.get_by_role("heading", level=1, name="概況").wait_for(timeout=PATIENCE)
        wait(visited)
        assert visited.page.evaluate("document.documentElement.lang") == "ja"
        visited.page.get_by_role("link", name="商品").click()
        visited.page.get_by_role("heading", level=1, name="商品").wait_for(timeout=PATIENCE)
        assert "lang=ja" in visited.page.url


def test_a_customer_in_a_list_leads_to_the_person(site: Site) -> None:
    with visit(site.chromium, f"{site.url}/customers") as visited:
        wait(visited)
        link = visited.page.locator(".tk-table tbody a").first
        key = link.inner_text()
        link.click()
        visited.page.get_by_role("heading", level=1, name="Customer", exact=True).wait_for(
            timeout=PATIENCE
        )
        wait(visited)
        assert visited.page.get_by_label("Customer key").input_value() == key


def test_pages_are_measured_to_their_end(site: Site, published_demo: Retailer) -> None:
    with visit(site.chromium, site.url) as visited:
        loaded, stepped = measure(visited.page, published_demo.home.root, site.url, 3)
    assert loaded.seconds[0][0] == ""
    assert len({page for page, _ in stepped.seconds}) == 3
    assert all(0 < taken < 60 for _, taken in loaded.seconds + stepped.seconds)


def test_a_port_that_is_taken_is_said_to_be(
    published_demo: Retailer, capsys: pytest.CaptureFixture[str]
) -> None:
    published_demo.use()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["dashboard", "--port", str(port)]) == 2
    assert "--port 8502" in capsys.readouterr().err
