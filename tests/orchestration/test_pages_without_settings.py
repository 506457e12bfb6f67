"""The pages that a newcomer opens show the demo where there are no settings, and only there."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.cli import main

PAGES = {"dashboard": "dashboard.server.serve", "docs": "orchestration.catalog.site.write_site"}


@pytest.fixture(params=sorted(PAGES))
def page(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The command of a page, called where no settings lie; it prints the home that it shows."""
    monkeypatch.delenv("TOKUI_CONFIG", raising=False)
    monkeypatch.delenv("TOKUI_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(PAGES[request.param], lambda home, *_: print(f"shows {home.root}"))
    return request.param


def test_the_demo_is_shown(page: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo = tmp_path / "warehouse" / "demo"
    demo.mkdir(parents=True)
    (demo / "tokui.toml").write_text('[run]\nprofile = "demo"\n', encoding="utf-8")
    assert main([page]) == 0
    assert f"shows {demo.relative_to(tmp_path)}" in capsys.readouterr().out.replace(
        f"{tmp_path}/", ""
    )


def test_without_a_demo_it_says_how_to_make_one(
    page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([page]) == 2
    assert "run `tokui demo` first" in capsys.readouterr().err


def test_named_settings_that_are_not_there_are_no_reason_to_show_the_demo(
    page: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("TOKUI_CONFIG", str(tmp_path / "mistyped.toml"))
    assert main([page]) == 2
    assert "mistyped.toml" in capsys.readouterr().err
