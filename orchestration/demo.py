"""`tokui demo`: the generated retailer, its first load, its nights, and its planted truth.

No other module of the pipeline knows the generator or what it planted. The generator runs in a
process of its own (`python -m orchestration.demo`), under the lock of the home: no run reads feeds
that are being written, and the command that waits for it stays light.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from ingestion.errors import ConfigurationError
from ingestion.settings import load_settings
from orchestration.child import BUSY, CRASHED, GREEN, USAGE, run_child, run_refresh
from orchestration.home import Home, demo_home
from orchestration.lock import RunGoingError, RunLock

DEFAULT_SCALE, DEFAULT_SEED = "small", 1

_WHERE_TO_LOOK = """
Where to look:
  tokui --profile demo status     what is published
  tokui evaluate identity         the people found, against those planted ({truth})
  tokui evaluate ltv              what they will buy, against what is planted
  tokui evaluate campaigns        what campaigns added, against what is planted
  tokui evaluate baskets          what goes together, against what is planted
  tokui demo --nights 1           the next night's files, and a refresh
"""


def run(options: argparse.Namespace) -> int:
    """Generate what is missing, refresh, deliver `options.nights` nights, refreshing each.

    Returns the exit status of the first step that was not green.

    Raises:
        ConfigurationError: the home holds something else than was asked for.
    """
    home = demo_home()
    if options.nights < 0:
        raise ConfigurationError(f"--nights {options.nights}: a number of nights is 1 or more.")
    steps = _steps(home, options)
    os.environ["TOKUI_CONFIG"] = str(home.settings)
    for step in steps:
        status = (
            run_child([sys.executable, "-m", "orchestration.demo", *step])
            if step
            else run_refresh(options.as_of, options.full)
        )
        if status != GREEN:
            return status
    print(_WHERE_TO_LOOK.format(truth=home.root / "truth"))
    return GREEN


def _steps(home: Home, options: argparse.Namespace) -> list[list[str]]:
    """Calls of the generator by their arguments; an empty one stands for a refresh."""
    steps: list[list[str]] = []
    state = read_state(home)
    if state is None:
        _refuse_foreign(home)
        scale = DEFAULT_SCALE if options.scale is None else options.scale
        seed = DEFAULT_SEED if options.seed is None else options.seed
        _refuse_unknown_scale(scale)
        steps.append(["generate", str(home.root), scale, str(seed)])
    else:
        _refuse_other(home, state, {"scale": options.scale, "seed": options.seed})
    if not options.nights or not home.manifest.exists():
        steps.append([])
    for _ in range(options.nights):
        steps += [["night", str(home.root)], []]
    return steps


def evaluate(subject: str) -> int:
    """Compare what was found with what was planted, and return an exit status.

    Args:
        subject: `identity` (the people), `ltv` (what they will buy), `campaigns` (what these
            added) or `baskets` (what goes together).
    """
    # Each by its name: a test reads from the imports who knows of the truth.
    if subject == "ltv":
        from evaluation import ltv as found
    elif subject == "campaigns":
        from evaluation import campaigns as found
    elif subject == "baskets":
        from evaluation import baskets as found
    else:
        from evaluation import identity as found
    return found.main(demo_home().root)


def read_state(home: Home) -> dict[str, Any] | None:
    """`seed`, `scale` and `nights` of the feeds that are there; None before they are complete."""
    path = home.feeds / "demo.json"  # The generator writes it last.
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _refuse_foreign(home: Home) -> None:
    """Feeds are generated into an empty home, or over a generation that was cut off."""
    is_ours = home.settings.is_file() and load_settings(home.settings).profile == "demo"
    for path in (home.current, *(() if is_ours else (home.settings, home.feeds))):
        if path.exists():
            raise ConfigurationError(
                f"{path} is there and does not belong to a generated demo. Set TOKUI_HOME to a "
                f"folder of its own, or remove {home.root} if it is an old demo."
            )


def _refuse_other(home: Home, state: dict[str, Any], wanted: dict[str, Any]) -> None:
    for name, value in wanted.items():
        if value is not None and value != state[name]:
            raise ConfigurationError(
                f"the feeds in {home.feeds} were made with {name} {state[name]}, not {value}. "
                f"Leave --{name} out to go on with them, set TOKUI_HOME to another folder, or "
                f"remove {home.root} to start again."
            )


def _refuse_unknown_scale(name: str) -> None:
    from demo.scale import SCALES

    if name not in SCALES:
        raise ConfigurationError(f"no scale {name}; there are {', '.join(SCALES)}.")


def main(arguments: list[str] | None = None) -> int:
    """The child process: write the base history or one night, and return an exit status."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.demo")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("generate", "night"):
        commands.add_parser(name).add_argument("home", type=lambda text: Home(Path(text)))
    commands.choices["generate"].add_argument("scale")
    commands.choices["generate"].add_argument("seed", type=int)
    options = parser.parse_args(arguments)
    try:
        RunLock.acquire(options.home.lock)
        return _generate(options)
    except RunGoingError as error:
        print(f"tokui: {error}", file=sys.stderr)
        return BUSY
    except Exception:
        # Python's own status for this is 1, which says that a gate or an input stopped the run.
        traceback.print_exc()
        return CRASHED


def _generate(options: argparse.Namespace) -> int:
    from demo import generate
    from demo.scale import SCALES
    from demo.settings_file import write_settings

    root = options.home.root
    try:
        if options.command == "night":
            generate.add_night(root)
        else:
            # Ahead of the feeds: they tell whose feeds these are when the generation is cut off.
            write_settings(root, 0)
            generate.generate(root, SCALES[options.scale], options.seed, progress=True)
    except generate.DemoError as error:
        print(f"tokui: {error}", file=sys.stderr)
        return USAGE
    return GREEN


if __name__ == "__main__":
    sys.exit(main())
