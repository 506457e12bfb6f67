"""Many nights: which commands are run, and what makes the answer bad."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evaluation import nights
from evaluation.continuity import Night

CLEAN = Night(
    records=10,
    new=1,
    vanished=0,
    changed=1,
    unexplained=0,
    merges=1,
    wrong_merges=0,
    empty_changes=0,
)


class Warehouse:
    """What the commands would have done, and a record of them."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, ...]] = []
        self.night = CLEAN
        self.differences = 0
        self.digests = {"again": "a", "rebuilt": "a"}

    def digests_of(self, home: Path) -> dict[str, str]:
        if home.name.endswith("-rebuilt"):
            return {"customer_360": self.digests["rebuilt"]}
        is_again = any(command[1:] == ("refresh",) for command in self.commands)
        return {"customer_360": self.digests["again"] if is_again else "a"}


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    fake = Warehouse()
    (tmp_path / "nights-small-1").mkdir()
    monkeypatch.setattr(nights, "tokui", lambda home, *a: fake.commands.append((home.name, *a)))
    monkeypatch.setattr(
        nights, "refresh", lambda home, *a: fake.commands.append((home.name, "refresh", *a))
    )
    monkeypatch.setattr(nights, "save_state", lambda warehouse, state: state.touch())
    monkeypatch.setattr(nights, "compare_nights", lambda before, after: fake.night)
    monkeypatch.setattr(nights, "count_differences", lambda one, other: fake.differences)
    monkeypatch.setattr(nights, "digests", fake.digests_of)
    return fake


def test_nights_a_second_run_and_a_rebuild(warehouse: Warehouse, tmp_path: Path) -> None:
    assert nights.main(tmp_path, "small", 1, 2) == 0
    home = "nights-small-1"
    assert warehouse.commands == [
        (home, "demo", "--scale", "small", "--seed", "1"),
        (home, "demo", "--nights", "1"),
        (home, "demo", "--nights", "1"),
        (home, "refresh"),
        (f"{home}-rebuilt", "refresh", "--full"),
    ]


def test_a_night_that_loses_a_key_is_bad(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.night = replace(CLEAN, unexplained=1)
    assert nights.main(tmp_path, "small", 1, 1) == 1


def test_another_partition_is_bad(
    warehouse: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse.differences = 3
    assert nights.main(tmp_path, "small", 1, 1) == 1
    assert "a full rebuild gives 3 records another key" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("when", "words"), [("again", "a second run changed"), ("rebuilt", "a full rebuild changes")]
)
def test_another_digest_is_bad(
    when: str,
    words: str,
    warehouse: Warehouse,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    warehouse.digests[when] = "b"
    assert nights.main(tmp_path, "small", 1, 1) == 1
    assert f"{words} the digest of customer_360" in capsys.readouterr().out
