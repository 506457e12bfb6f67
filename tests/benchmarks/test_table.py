"""Measurements are stored and found again; the table says honestly what holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import growth, records, table
from benchmarks.cost import Cost
from benchmarks.records import Records, of_last_commit
from benchmarks.table import BEGIN, END, Found


def cost(cpu: float, wall: float = 1.0, peak: float = 100.0) -> Cost:
    return Cost(cpu, wall, peak, 10.0)


@pytest.fixture
def stored(tmp_path: Path) -> Records:
    """Ten million lines, all cases but the usual stack; a night on a hundred million."""
    made = Records(tmp_path)
    for run, seconds in enumerate((190.0, 200.0, 230.0), 1):
        made.add("first_build", 10.0, run, cost(seconds, 150, 3000), {"publish": 20.0})
    made.add("bare", 10.0, 1, cost(140, 100), {"raw.raw_pos.receipts": 9.0})
    made.add("tiny", 10.0, 1, cost(20))
    made.add("night", 10.0, 1, cost(70))
    made.add("night", 100.0, 1, cost(150))
    made.add("status", 10.0, 1, cost(0.5, 0.6))
    compared = {"rfm": {"by_hand": 2.0, "models": 9.0}}
    made.add("floor", 10.0, 1, cost(3), facts={"compared": compared})
    return made


def test_what_is_stored_is_found_again(stored: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stored.has("bare", 10.0, 1)
    assert not stored.has("bare", 10.0, 2)
    assert stored.all()[0].cost == cost(190, 150, 3000)
    assert stored.all()[0].machine["cores"] >= 1
    monkeypatch.setattr(records, "commit", lambda: "another")
    assert not stored.has("bare", 10.0, 1)
    stored.add("bare", 10.0, 1, cost(99))
    assert [m.cost.cpu_seconds for m in of_last_commit(stored.all())] == [99]


def test_of_equal_measurements_the_last_counts(stored: Records) -> None:
    stored.add("bare", 10.0, 1, cost(141))
    assert Found(of_last_commit(stored.all())).median("bare", 10.0) == 141


def test_bounds_are_judged_by_medians(stored: Records) -> None:
    found = Found(of_last_commit(stored.all()))
    told = {(bound.what, bound.lines): bound for bound in table.bounds(found)}
    build = told["first build: 1.3 × bare + 15 s", 10.0]
    assert (build.allowed, build.measured, build.is_met) == (pytest.approx(197), 200, False)
    assert told["first build: 1.5 × bare + 15 s", 10.0].is_met
    assert told["first build: peak", 10.0].is_met
    night = told["a night beyond the fixed cost: ¼ of the build's", 10.0]
    assert (night.allowed, night.measured, night.is_met) == (45, 50, False)
    longest = told["a night beyond the fixed cost: 3 × that on 10 M", 100.0]
    assert (longest.allowed, longest.measured, longest.is_met) == (150, 130, True)


def test_the_table_says_what_is_not_met(stored: Records) -> None:
    text = table.render(Found(of_last_commit(stored.all())))
    assert "| 10 | first build | 200.0 (190.0–230.0) |" in text
    assert "| 10 | first build: 1.3 × bare + 15 s | 197.0 s CPU | 200.0 | **no** |" in text
    assert "| 10 | publication | 20.0 |" in text
    assert "| 10 | our models ÷ by hand: rfm | 4.50 |" in text


@pytest.mark.parametrize("case", ["first_build", "night", "usual_stack", "floor", "status"])
def test_a_part_of_a_sitting_makes_a_table(tmp_path: Path, case: str) -> None:
    made = Records(tmp_path)
    made.add(case, 0.3, 1, cost(5), facts={"models": 21, "models_of_ours": 224})
    assert "| 0.3 |" in table.render(Found(of_last_commit(made.all())))


def test_the_other_stack_is_told_with_how_little_it_computes(stored: Records) -> None:
    stored.add("usual_stack", 10.0, 1, cost(900), facts={"models": 21, "models_of_ours": 224})
    text = table.render(Found(of_last_commit(stored.all())))
    assert "| 10 | a usual stack ÷ Tokui (21 models against 224) | 4.5 |" in text


def test_a_page_gets_table_and_chart_between_its_marks(stored: Records, tmp_path: Path) -> None:
    page = tmp_path / "speed.md"
    (tmp_path / "images").mkdir()
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    assert table.main(tmp_path, page) == 0
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith(f"{END}\nafter\n")
    assert "old" not in text and "images/growth.svg" in text
    assert "million receipt lines" in (tmp_path / "images" / "growth.svg").read_text()
    assert table.placed(text, "new").count(END) == 1


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no lines"):
        table.placed("a page", "a table")


def test_nothing_stored_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing is measured"):
        table.main(tmp_path, None)


def test_one_length_of_history_is_no_chart(stored: Records) -> None:
    of_ten = [m for m in stored.all() if m.lines == 10.0]
    assert not growth.is_worth_drawing(of_ten)
    assert growth.is_worth_drawing(stored.all())
