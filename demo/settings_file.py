"""The settings file of a generated retailer, `<home>/tokui.toml`, and the plans that it names."""

from __future__ import annotations

import json
from pathlib import Path

from demo.calendar import TIMEZONE, now
from demo.plan_files import PLAN_FILES, write_plans
from demo.writer import STYLES, FileStyle

NAME = "tokui.toml"
FEEDS = ("pos", "email", "support")


def write_settings(home: Path, nights: int) -> Path:
    """Write the settings with which a run reads the demo's feeds, after so many nights.

    The plan files go with them, as settings that name a missing file are refused.
    """
    write_plans(home)
    path = home / NAME
    path.write_text(render_settings(nights), encoding="utf-8")
    return path


def render_settings(nights: int) -> str:
    """The text of the settings; `now` is the morning after the last delivered business date."""
    lines = [
        "# Settings of the generated demo retailer; written with its data.",
        "",
        "[run]",
        'profile = "demo"',
        f'now = "{now(nights)}"',
        "",
        "[company]",
        f'timezone = "{TIMEZONE}"',
        'currency = "JPY"',
        'points_as = "discount"',
        'tax_rounding = "down"',
        "",
        "[plans]",
        *(f'{name} = "{name}.csv"' for name in PLAN_FILES),
    ]
    for feed in FEEDS:
        lines += ["", f"[feeds.{feed}]", f'path = "$TOKUI_HOME/feeds/{feed}"', "settle_seconds = 0"]
        for name, style in STYLES.items():
            if name.startswith(f"{feed}."):
                lines += _style(f"feeds.{name.replace('.', '.tables.')}", style)
    return "\n".join(lines) + "\n"


def _style(section: str, style: FileStyle) -> list[str]:
    lines = ["", f"[{section}]", f'encoding = "{style.encoding}"', "", f"[{section}.columns]"]
    lines += [f"{_quoted(header)} = {_quoted(column)}" for header, column in style.columns.items()]
    lines += ["", f"[{section}.values]"]
    for column, words in style.words.items():
        pairs = ", ".join(f"{_quoted(word)} = {_quoted(own)}" for own, word in words.items())
        lines.append(f"{column} = {{ {pairs} }}")
    return lines


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
