"""`tokui demo`: what it generates, refreshes and refuses, with a generator that writes little."""

from __future__ import annotations

import json
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import demo as generator
from demo.generate import DemoError
from demo.scale import Scale
from orchestration import cli, demo
from orchestration.home import Home
from orchestration.lock import RunLock
from tests.conftest import ROOT
from tests.orchestration.test_lock import HOLD


class Generator(types.ModuleType):
    """Writes the state alone, which the real one writes last."""

    def __init__(self) -> None:
        super().__init__("demo.generate")
        self.error: Exception | None = None
        self.DemoError = DemoError

    def generate(self, root: Path, scale: Scale, seed: int, progress: bool) -> None:
        (root / "feeds").mkdir(parents=True, exist_ok=True)
        if self.error:
            raise self.error
        self._write(root, {"scale": scale.name, "seed": seed, "nights": 0})

    def add_night(self, root: Path) -> None:
        state = json.loads((root / "feeds" / "demo.json").read_text())
        self._write(root, state | {"nights": state["nights"] + 1})

    def _write(self, root: Path, state: dict) -> None:
        (root / "feeds" / "demo.json").write_text(json.dumps(state))


class Desk:
    """The command in this process: its children become calls, refreshes are noted."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root)
        self.steps: list[str] = []
        self.statuses: list[int] = []
        self.generator = Generator()

    def __call__(self, *arguments: str) -> int:
        self.steps.clear()
        return cli.main(["demo", *arguments])

    def child(self, command: list[str]) -> int:
        assert command[:3] == [sys.executable, "-m", "orchestration.demo"]
        self.steps.append(command[3])
        return demo.main(command[3:])

    def refresh(self, as_of: str | None, full: bool) -> int:
        self.steps.append(f"refresh {as_of} {full}" if as_of or full else "refresh")
        status = self.statuses.pop(0) if self.statuses else 0
        if status == 0:
            self.home.published.mkdir(exist_ok=True)
            self.home.manifest.touch()
        return status

    @property
    def state(self) -> dict | None:
        return demo.read_state(self.home)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk(tmp_path / "home")
    monkeypatch.setenv("TOKUI_HOME", str(desk.home.root))
    monkeypatch.setattr(demo, "run_child", desk.child)
    monkeypatch.setattr(demo, "run_refresh", desk.refresh)
    monkeypatch.setattr(generator, "generate", desk.generator, raising=False)
    yield desk
    RunLock.release(desk.home.lock)


def test_the_first_time_generates_and_refreshes_and_tells_where_to_look(desk: Desk, capsys) -> None:
    assert desk() == 0
    assert desk.steps == ["generate", "refresh"]
    assert desk.state == {"scale": "small", "seed": 1, "nights": 0}
    told = capsys.readouterr().out
    assert "tokui --profile demo status" in told
    assert str(desk.home.root / "truth") in told


def test_the_second_time_refreshes_alone(desk: Desk) -> None:
    desk("--seed", "7")
    assert desk("--full", "--as-of", "2026-09-01") == 0
    assert desk.steps == ["refresh 2026-09-01 True"]
    assert desk("--seed", "7", "--scale", "small") == 0
    assert desk.steps == ["refresh"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--seed", "0"), "were made with seed 1, not 0"),
        (("--scale", "medium"), "were made with scale small, not medium"),
    ],
    ids=str,
)
def test_feeds_of_another_scale_or_seed_are_refused(
    desk: Desk, capsys, arguments: tuple[str, ...], told: str
) -> None:
    desk()
    before = desk.state
    assert desk(*arguments) == 2
    message = capsys.readouterr().err
    assert told in message
    assert str(desk.home.root) in message
    assert (desk.steps, desk.state) == ([], before)


def test_nights_are_delivered_and_refreshed_one_by_one(desk: Desk) -> None:
    assert desk("--nights", "2") == 0
    assert desk.steps == ["generate", "refresh", "night", "refresh", "night", "refresh"]
    assert desk("--nights", "1") == 0
    assert desk.steps == ["night", "refresh"]
    assert desk.state == {"scale": "small", "seed": 1, "nights": 3}


def test_a_night_that_stops_ends_the_command(desk: Desk, capsys) -> None:
    desk.statuses = [0, 1]
    assert desk("--nights", "3") == 1
    assert desk.steps == ["generate", "refresh", "night", "refresh"]
    assert "Where to look" not in capsys.readouterr().out


def test_what_was_generated_but_never_published_is_refreshed_before_a_night(desk: Desk) -> None:
    desk.statuses = [4]
    assert desk() == 4
    assert desk("--nights", "1") == 0
    assert desk.steps == ["refresh", "night", "refresh"]


@pytest.mark.parametrize("arguments", [["--scale", "huge"], ["--nights", "-1"]], ids=str)
def test_wrong_usage_writes_nothing(desk: Desk, capsys, arguments: list[str]) -> None:
    assert desk(*arguments) == 2
    assert arguments[1] in capsys.readouterr().err
    assert not desk.home.root.exists()


def _warehouse(home: Home) -> None:
    home.current.parent.mkdir(parents=True)
    home.current.touch()


def _feeds_of_somebody(home: Home) -> None:
    (home.feeds / "pos").mkdir(parents=True)


def _settings_of_somebody(home: Home) -> None:
    home.root.mkdir()
    home.settings.write_text('[run]\nprofile = "main"\n')


@pytest.mark.parametrize("make", [_warehouse, _feeds_of_somebody, _settings_of_somebody])
def test_a_home_of_something_else_is_left_alone(
    desk: Desk, capsys, make: Callable[[Home], None]
) -> None:
    make(desk.home)
    before = sorted(desk.home.root.rglob("*"))
    assert desk() == 2
    assert "does not belong to a generated demo" in capsys.readouterr().err
    assert sorted(desk.home.root.rglob("*")) == before


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (RuntimeError("no space"), 4, "Traceback"),
        (DemoError("the demo ends here"), 2, "tokui: the demo ends here"),
    ],
    ids=["crash", "refusal"],
)
def test_a_generation_that_was_cut_off_is_made_again(
    desk: Desk, capsys, error: Exception, status: int, told: str
) -> None:
    desk.generator.error = error
    assert desk() == status
    assert told in capsys.readouterr().err
    assert desk.steps == ["generate"]
    desk.generator.error = None
    assert desk("--scale", "medium") == 0
    assert desk.steps == ["generate", "refresh"]


def test_nothing_is_written_beneath_a_run(desk: Desk, capsys) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(desk.home.lock)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    status = desk()
    holder.kill()
    holder.wait()
    assert status == 3
    assert "another run is going" in capsys.readouterr().err
    assert not desk.home.feeds.exists()


@pytest.mark.parametrize("command", [["status"], ["digest"], ["inspect", "run"]], ids=str)
def test_reading_before_there_is_a_demo_says_how_to_make_one(
    desk: Desk, capsys, command: list[str]
) -> None:
    assert cli.main(["--profile", "demo", *command]) == 2
    assert "run `tokui demo` first" in capsys.readouterr().err


def test_the_profile_reads_the_settings_that_were_generated(desk: Desk, capsys) -> None:
    desk.statuses = [1]
    desk()
    assert cli.main(["--profile", "demo", "status"]) == 0
    assert "nothing is published yet" in capsys.readouterr().out


def test_the_command_itself_stays_light(desk: Desk) -> None:
    """It waits beside the generator and the run, and must not cost memory that they need."""
    desk()
    script = (
        "import sys; from orchestration.cli import main; status = main(['demo', '--seed', '2']); "
        "print(status, sorted({'numpy', 'duckdb', 'dagster', 'demo'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "2 []\n"


def test_dagsters_ui_without_settings_or_demo_says_so(
    desk: Desk, capsys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from orchestration import ui

    monkeypatch.delenv("TOKUI_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    assert ui.main() == 2
    assert "run `tokui demo` first" in capsys.readouterr().err


@pytest.mark.parametrize("subject", ["identity", "ltv", "campaigns", "baskets"])
def test_evaluation_without_a_demo_says_so(desk: Desk, capsys, subject: str) -> None:
    assert cli.main(["evaluate", subject]) == 2
    assert "tokui demo" in "".join(capsys.readouterr())


@pytest.mark.parametrize("subject", ["identity", "ltv", "campaigns", "baskets"])
def test_evaluation_is_given_the_home_of_the_demo(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, subject: str
) -> None:
    package, module = types.ModuleType("evaluation"), types.ModuleType(f"evaluation.{subject}")
    setattr(package, subject, module)
    module.main = lambda root: 0 if root == desk.home.root else 1
    monkeypatch.setitem(sys.modules, "evaluation", package)
    monkeypatch.setitem(sys.modules, f"evaluation.{subject}", module)
    assert cli.main(["evaluate", subject]) == 0
