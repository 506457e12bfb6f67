"""`tokui export-list`: who may, what is recorded, and that addresses are in the file alone."""

from __future__ import annotations

import csv
import hashlib
import io
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration import list_exports
from orchestration.cli import main
from orchestration.journal import Journal
from tests.conftest import Retailer

ROLES = """
[exports.roles.crm]
channels = ["email"]

[exports.roles.owner]
channels = ["email", "line", "sms", "post"]
purposes = ["marketing", "research"]
users = ["nobody-here"]
"""
FILE = "loyal_no_complaint_2026-09-30.csv"


@pytest.fixture
def tokui(demo: Retailer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs the command on a copy of the sample whose settings name two roles."""
    demo.config.write_text(demo.config.read_text(encoding="utf-8") + ROLES, encoding="utf-8")
    demo.use()
    folder = tmp_path / "out"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return lambda *arguments: main(["export-list", *arguments])


def test_a_file_for_oneself_and_a_record_without_an_address(
    tokui: Callable[..., int], demo: Retailer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tokui("loyal_no_complaint", "--role", "crm") == 0
    said = capsys.readouterr().out
    file = Path(FILE)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not file.read_bytes().startswith(b"\xef\xbb\xbf")  # Sending tools read it.
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"), newline="")))
    assert [row["subscriber_id"] for row in rows] == ["E01", "E02", "E08"]
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    assert f"sha256 {sha256}" in said
    assert "4 candidate(s)" in said
    assert "1 left out, no_consent: no consent to this purpose on this channel" in said
    assert "3 written" in said
    (record,) = list_exports.past_exports(demo.home)
    assert record.exported_by == list_exports.os_user()
    assert (record.role, record.list_kind, record.list_id) == ("crm", "list", "loyal_no_complaint")
    assert (record.purpose, record.channel, record.version) == (
        "marketing",
        "email",
        demo.version(),
    )
    assert (record.candidates, record.rows, record.refused) == (4, 3, {"no_consent": 1})
    assert record.sha256 == sha256
    assert tokui("--history") == 0
    history = capsys.readouterr().out
    assert (
        f"{record.exported_by} as crm  list loyal_no_complaint  email, marketing  3 of 4" in history
    )
    journal = demo.home.journal.read_bytes()
    for value in (text for row in rows for text in (row["email"], row["name"]) if text):
        assert value not in said + history
        assert value.encode() not in journal


def test_no_file_without_a_record(
    tokui: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="no space"):
        patch.setattr(Journal, "write", full_disk)
        tokui("loyal_no_complaint", "--role", "crm")
    assert not list(Path().iterdir())


def test_a_name_that_cp932_lacks_writes_nothing(
    tokui: Callable[..., int], demo: Retailer, capsys: pytest.CaptureFixture[str]
) -> None:
    import duckdb

    with duckdb.connect(str(demo.home.current)) as connection:
        connection.execute(
            "update pii.email_subscribers set name = '𠮷田' where subscriber_id = 'E02'"
        )
    assert tokui("loyal_no_complaint", "--role", "crm", "--encoding", "cp932") == 1
    said = capsys.readouterr().err
    assert "row 2, column name: CP932 has no character U+20BB7" in said
    assert "𠮷" not in said
    assert not list(Path().iterdir())
    assert list_exports.past_exports(demo.home) == []
    assert tokui("loyal_no_complaint", "--role", "crm", "--encoding", "cp932", "--replace") == 0
    assert "〓田" in Path(FILE).read_text(encoding="cp932")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["loyal_no_complaint"], "say which role is yours, as in --role crm;"),
        (
            ["loyal_no_complaint", "--role", "crm", "--campaign", "C999"],
            "there is no campaign C999. Did you mean C",
        ),
        (["loyal_no_complaint", "--role", "boss"], "has no role boss; it has crm, owner"),
        (
            ["champions", "--role", "crm", "--channel", "line"],
            "the role crm is not for the channel line, but for email",
        ),
        (
            ["loyal_no_complaint", "--role", "crm", "--purpose", "research"],
            "the role crm is not for the purpose research, but for marketing",
        ),
        (["loyal_no_complaint", "--role", "owner"], "the role owner is not for the user"),
        (["champions", "--role", "crm"], "champions is a segment: say how its people are reached"),
        (
            ["loyal_no_complaint", "--role", "crm", "--channel", "sms"],
            "loyal_no_complaint is a list for email",
        ),
        (["loyal_no_complaint", "--role", "crm", "--out", "-"], "never to the terminal"),
        (["nobody", "--role", "crm"], "there is no nobody"),
        ([], "name a list"),
        (["loyal_no_complaint", "--history"], "name a list"),
    ],
)
def test_refused_and_nothing_written_or_recorded(
    tokui: Callable[..., int],
    demo: Retailer,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    assert tokui(*arguments) == 2
    assert said in capsys.readouterr().err
    assert not list(Path().iterdir())
    assert list_exports.past_exports(demo.home) == []


def test_without_roles_nobody_may(
    published_demo: Retailer, capsys: pytest.CaptureFixture[str]
) -> None:
    published_demo.use()
    assert main(["export-list", "loyal_no_complaint", "--role", "crm"]) == 2
    said = capsys.readouterr().err
    assert "it names no roles. Who may export lists stands under [exports.roles.crm]" in said
    assert main(["export-list", "--history"]) == 0
    assert capsys.readouterr().out == "no list was handed out yet\n"
