"""How fast the dashboard answers: its pages, loaded in headless Chromium, one after the other.

Two times are taken of each page. A *load* opens its address anew: the frame, the connection, the
data, the charts. A *step* goes to it from another page of the open dashboard, as people mostly do.
Both end when the page's last line stands there, the script rests and every chart is drawn.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from playwright.sync_api import Page

LIMIT = 1.0
"""Seconds within which 95 of 100 loads and steps must be complete."""
PATIENCE = 60
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ADDRESSES = (
    "", "customers", "customer?key={key}", "segments", "rfm", "ltv", "cohorts",
    "journeys", "campaigns", "products", "support", "quality",
    "?store={store}&days=364", "customers?store={store}", "customer?key={key}&part=way",
    "customer?key={key}&part=purchases", "customer?key={key}&part=identity",
    "segments?part=lists", "rfm?store={store}", "cohorts?measure=value",
    "journeys?part=tiers", "campaigns?part=attribution", "campaigns?part=coupons",
    "products?part=offers", "products?part=best_sellers&store={store}", "support?part=topics",
    "support?part=nps", "quality?part=feeds",
)  # fmt: skip
"""Pages, with customers and stores that change from visit to visit."""
COMPLETE = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    const charts = [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')];
    return app && app.dataset.testScriptState === 'notRunning'
        && document.querySelector('.st-key-complete')
        && !document.querySelector('[data-testid="stSkeleton"]')
        && !document.querySelector('[data-stale="true"]')
        && charts.every(chart => chart.querySelector('svg, canvas'));
}"""


@dataclass
class Times:
    """Seconds of each visit, by page."""

    name: str
    seconds: list[tuple[str, float]] = field(default_factory=list)

    @property
    def p95(self) -> float:
        """The time within which 95 of 100 were complete."""
        return self.percentile(95)

    def percentile(self, share: int) -> float:
        """A percentile over all pages."""
        return quantiles([taken for _, taken in self.seconds], n=100, method="inclusive")[share - 1]

    def lines(self) -> list[str]:
        """What was measured, and the slowest pages."""
        slowest = sorted(self.seconds, key=lambda visit: -visit[1])[:3]
        told = ", ".join(f"{page or 'overview'} {taken:.2f}" for page, taken in slowest)
        figures = " ".join(f"{self.percentile(share):7.2f}" for share in (50, 95, 99))
        return [f"{self.name:<6} {len(self.seconds):>5} {figures}   slowest: {told}"]


def main(home: Path, loads: int = 200) -> int:
    """Measure a published home; 0 when both percentiles are within the limit, else 1."""
    before = os.getloadavg()[0]
    with served(home) as url, _page() as page:
        measured = measure(page, home, url, loads)
    print(f"{home}: seconds; load of the machine before and after: {before:.1f}, "
          f"{os.getloadavg()[0]:.1f}")  # fmt: skip
    print(f"{'':<6} {'n':>5} {'p50':>7} {'p95':>7} {'p99':>7}")
    for times in measured:
        print("\n".join(times.lines()))
    is_good = all(times.p95 <= LIMIT for times in measured)
    print(f"95 of 100 within {LIMIT:.0f} s: {'yes' if is_good else 'no'}")
    return 0 if is_good else 1


def measure(page: Page, home: Path, url: str, loads: int) -> tuple[Times, Times]:
    """Times of as many loads, and of as many steps."""
    _load(page, url)  # The browser has the frame's files from here on, as anybody's has.
    loaded, stepped = Times("load"), Times("step")
    for address in islice(_addresses(home), loads):
        loaded.seconds.append((address, _load(page, f"{url}/{address}")))
    links = page.locator('[data-testid="stSidebarNavLink"]').count()
    for number in range(loads):
        stepped.seconds.append(_step(page, number % links))
    return loaded, stepped


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The dashboard of a home, from its own command, at the address that is given."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "orchestration.cli", "dashboard", "--port", str(port)]
    environment = os.environ | {
        "TOKUI_HOME": str(home),
        "TOKUI_CONFIG": os.environ.get("TOKUI_CONFIG", str(home / "tokui.toml")),
    }
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(server, url)
        yield url
    finally:
        server.terminate()
        server.wait()


def _wait_for(server: subprocess.Popen, url: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if server.poll() is not None:
            raise FileNotFoundError(f"`tokui dashboard` ended with status {server.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise FileNotFoundError(f"`tokui dashboard` did not answer at {url} within {PATIENCE} s")


@contextmanager
def _page() -> Iterator[Page]:
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise FileNotFoundError(f"none of {', '.join(BROWSERS)} is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1280, "height": 900})
        browser.close()


def _load(page: Page, url: str) -> float:
    began = time.monotonic()
    page.goto(url, wait_until="commit")
    page.wait_for_function(COMPLETE, timeout=PATIENCE * 1000)
    return time.monotonic() - began


def _step(page: Page, number: int) -> tuple[str, float]:
    """Go to a page of the navigation; complete when its own title stands above it."""
    link = page.locator('[data-testid="stSidebarNavLink"]').nth(number)
    title = link.inner_text().splitlines()[-1]
    began = time.monotonic()
    link.click()
    page.get_by_role("heading", level=1, name=title, exact=True).wait_for(timeout=PATIENCE * 1000)
    page.wait_for_function(COMPLETE, timeout=PATIENCE * 1000)
    return title, time.monotonic() - began


def _addresses(home: Path) -> Iterator[str]:
    """Addresses without end, each time of another customer and store."""
    with duckdb.connect(str(home / "published" / "crm.duckdb"), read_only=True) as connection:
        keys = connection.execute(
            "select customer_key from marts.customer_360 order by hash(customer_key) limit 500"
        ).fetchall()
        stores = connection.execute("select store_id from marts.dim_store order by 1").fetchall()
    for address, (key,), (store,) in zip(
        cycle(ADDRESSES), cycle(keys), cycle(stores), strict=False
    ):
        yield address.format(key=key, store=store)
