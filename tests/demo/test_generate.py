"""Deliveries as files: the same bytes for the same seed, nights that depend on nothing but the
world, settings that the ingestion can read."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from demo import generate as generator
from demo.__main__ import main
from demo.calendar import BASE_DAYS, date_of
from demo.generate import DemoError, State, add_night, generate, read_state
from demo.plan_files import PLAN_FILES
from demo.scale import SCALES, Scale
from demo.world import World
from demo.writer import STYLES, Delivery, FileStyle, csv_bytes
from ingestion.contract import FEEDS
from ingestion.settings import load_settings
from plans.load import read_plan
from plans.tables import PLANS

TINY = Scale("small", people=900, stores=2)
"""The small retailer's goods with fewer people."""
NIGHTS = 3


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Base history and nights, the nights with the world that made the base history."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SCALES, TINY.name, TINY)
        world = generate(folder, TINY, seed=4)
        (folder / "base.json").write_text(json.dumps(hashes(folder / "feeds")))
        for _ in range(NIGHTS):
            add_night(folder, world)
        yield folder


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def night_files(home: Path, night: int) -> dict[str, str]:
    name = f"_{date_of(BASE_DAYS + night - 1):%Y%m%d}."
    return {file: digest for file, digest in hashes(home / "feeds").items() if name in file}


def test_same_seed_same_bytes(home: Path, tmp_path: Path) -> None:
    generate(tmp_path, TINY, seed=4)
    again = hashes(tmp_path / "feeds")
    assert again == json.loads((home / "base.json").read_text())
    assert hashes(tmp_path / "truth") == hashes(home / "truth")


def test_another_seed_gives_other_bytes(home: Path, tmp_path: Path) -> None:
    delivery = Delivery(tmp_path, 30)
    delivery.write(generator.records.deliver(World(5, TINY), 0, 30))
    delivery.close()
    first = json.loads((home / "base.json").read_text())
    assert hashes(tmp_path)["pos/members_20241031.csv"] != first["pos/members_20241031.csv"]


def test_nights_depend_on_no_other_night(home: Path, tmp_path: Path) -> None:
    """A night that is made alone, by a new process so to speak, has the bytes of the same night
    after others."""
    (tmp_path / "feeds").mkdir()
    state = {"seed": 4, "scale": TINY.name, "nights": NIGHTS - 1}
    (tmp_path / "feeds" / "demo.json").write_text(json.dumps(state))
    assert add_night(tmp_path) == NIGHTS
    alone = night_files(tmp_path, NIGHTS)
    assert alone == night_files(home, NIGHTS)
    assert "pos/receipts_20261003.csv" in alone


def test_nights_leave_the_base_history_alone(home: Path) -> None:
    now = hashes(home / "feeds")
    base = json.loads((home / "base.json").read_text())
    del base["demo.json"]
    assert base.items() <= now.items()


def test_every_file_is_a_table_of_the_contract(home: Path) -> None:
    known = {f"{feed.name}/{table.name}" for feed in FEEDS.values() for table in feed.tables}
    found = set()
    for file in hashes(home / "feeds"):
        if file != "demo.json":
            table, _, rest = file.rpartition("_")
            assert rest[8:] == ".csv"
            found.add(table)
    assert found == known


def test_headers_are_columns_of_the_contract(home: Path) -> None:
    for feed in FEEDS.values():
        for table in feed.tables:
            style = STYLES.get(f"{feed.name}.{table.name}", FileStyle())
            for file in (home / "feeds" / feed.name).glob(f"{table.name}_2*.csv"):
                with file.open(encoding=style.encoding, newline="") as lines:
                    header = next(csv.reader(lines))
                columns = [style.columns.get(name, name) for name in header]
                contract = {column.name for column in table.columns}
                assert set(columns) <= contract, file.name
                required = {column.name for column in table.columns if column.required}
                assert required <= set(columns), file.name
                assert not style.columns or set(header) == set(style.columns)


def test_keys_are_unique_within_a_file(home: Path) -> None:
    for feed in FEEDS.values():
        for table in feed.tables:
            style = STYLES.get(f"{feed.name}.{table.name}", FileStyle())
            for file in (home / "feeds" / feed.name).glob(f"{table.name}_2*.csv"):
                with file.open(encoding=style.encoding, newline="") as lines:
                    header, *rows = csv.reader(lines)
                columns = [style.columns.get(name, name) for name in header]
                place = [columns.index(column) for column in table.key]
                keys = {tuple(row[at] for at in place) for row in rows}
                assert len(keys) == len(rows) > 0, file.name


def test_who_joins_after_the_base_history_arrives_in_that_night(home: Path) -> None:
    for night in range(1, NIGHTS + 1):
        day = date_of(BASE_DAYS + night - 1)
        file = home / "feeds" / "pos" / f"members_{day:%Y%m%d}.csv"
        with file.open(encoding="cp932", newline="") as lines:
            rows = list(csv.DictReader(lines))
        assert {row["更新日時"][:10] for row in rows} == {f"{day:%Y/%m/%d}"}
        assert any(row["入会日時"] == f"{day:%Y/%m/%d} 00:00:00" for row in rows)


def test_the_settings_can_be_read_and_name_the_folder(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKUI_HOME", str(home))
    settings = load_settings(home / "tokui.toml")
    assert (settings.profile, settings.now) == ("demo", "2026-10-04T06:00:00+09:00")
    assert {name: feed.path for name, feed in settings.feeds.items()} == {
        name: str(home / "feeds" / name) for name in ("pos", "email", "support")
    }
    members = settings.feeds["pos"].tables["members"].format
    assert members.encoding == "cp932"
    assert members.columns["会員番号"] == "member_id"
    assert members.values["is_internal"] == {"社員": "true", "一般": "false"}


def test_every_plan_of_the_demo_can_be_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKUI_HOME", str(home))
    plans = load_settings(home / "tokui.toml").plans
    assert {name: len(read_plan(PLANS[name], path)) for name, path in plans.items()} == {
        name: text.count("\n") - 1 for name, text in PLAN_FILES.items()
    }


def test_the_truth_knows_every_record(home: Path) -> None:
    truth = home / "truth"
    people, orphans = duckdb.sql(
        f"select (select count(*) from '{truth}/people.parquet'), count(*) "
        f"from '{truth}/records.parquet' anti join '{truth}/people.parquet' using (person_id)"
    ).fetchone()
    assert people > TINY.people
    assert orphans == 0
    for feed, table, column in (
        ("email", "subscribers", "subscriber_id"),
        ("support", "requesters", "requester_id"),
    ):
        unknown = duckdb.sql(
            f"select count(*) from read_csv('{home}/feeds/{feed}/{table}_*.csv', all_varchar=true) "
            f"where {column} not in (select source_id from '{truth}/records.parquet' "
            f"where source_system = '{feed}')"
        ).fetchone()
        assert unknown == (0,)
    noise = json.loads((truth / "noise.json").read_text())
    assert noise["card_phone_dummy"] == 0.14


def test_state_counts_the_nights(home: Path) -> None:
    assert read_state(home) == State(seed=4, scale="small", nights=NIGHTS)


def test_a_second_demo_in_one_folder_is_refused(home: Path) -> None:
    with pytest.raises(DemoError, match="already holds a demo"):
        generate(home, TINY)


def test_a_night_needs_a_demo(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="holds no demo"):
        add_night(tmp_path)


def test_nights_end_with_the_horizon(tmp_path: Path) -> None:
    (tmp_path / "feeds").mkdir()
    state = {"seed": 4, "scale": "small", "nights": generator.MAX_NIGHTS}
    (tmp_path / "feeds" / "demo.json").write_text(json.dumps(state))
    with pytest.raises(DemoError, match="400 nights"):
        add_night(tmp_path)


def test_the_command_says_what_is_wrong(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(home), "--scale", "small"]) == 2
    assert "already holds a demo" in capsys.readouterr().err


def test_files_of_a_delivery_come_into_sight_together(tmp_path: Path) -> None:
    delivery = Delivery(tmp_path, 0)
    delivery.write([("pos.staff", pa.table({"staff_id": ["T1"]}))])
    delivery.write([("pos.staff", pa.table({"staff_id": ["T2"]}))])
    delivery.write([("email.events", pa.table({"event_id": pa.array([], pa.string())}))])
    assert not (tmp_path / "pos").exists()
    assert delivery.close() == [tmp_path / "pos" / "staff_20241001.csv"]
    assert (tmp_path / "pos" / "staff_20241001.csv").read_text() == '"staff_id"\n"T1"\n"T2"\n'
    assert [path.name for path in tmp_path.iterdir()] == ["pos"]


def test_a_character_that_the_encoding_lacks_is_an_error() -> None:
    style = FileStyle(encoding="cp932", columns={"氏名": "name"})
    rows = pa.table({"name": ["髙橋 﨑"]})
    assert csv_bytes(rows, style).decode("cp932") == '"氏名"\n"髙橋 﨑"\n'
    with pytest.raises(UnicodeEncodeError):
        csv_bytes(pa.table({"name": ["𠮷野"]}), style)
