"""What becomes of each command in the documentation: run, read by its parser, or neither.

A command is looked up by its longest beginning that stands here. One that stands nowhere is an
error: whoever writes a command into a page decides how it is held to what the program does.
"""

from __future__ import annotations

RUN = (
    "tokui status",
    "tokui query",
    "tokui report",
    "tokui digest",
    "tokui doctor",
    "tokui feeds list",
    "tokui feeds check",
    "tokui gate list",
    "tokui quarantine list",
    "tokui export",
    "tokui metrics",
    "tokui init",
    "sh deploy/backup.sh",
    "sh deploy/restore.sh",
)
"""They only look, or write into the folder that they are in: run on the generated demo."""

SHELL = ("cd", "ls", "cat", "head", "echo", "export", "unset", "mkdir", "cp", "mv", "rm", "test")
"""What a shell brings along; run where everything else on the line is."""

_LONG = "minutes or hours; its target is looked up in the Makefile, whose recipes are read too"
_CHANGES = "changes the warehouse; tests of its own run it"
PARSED = {
    "make": _LONG,
    "tokui refresh": "a night; tests/end_to_end runs it",
    "tokui demo": "generates and loads two years; tests/orchestration/test_demo_command.py runs it",
    "tokui evaluate": "reads the planted truth; tests/evaluation runs it",
    "tokui why": "asks about two records that a page invents; tests/identity runs it",
    "tokui inspect": "asks about a run of the reader's; tests/orchestration runs it",
    "tokui report --test-alert": "sends mail; tests/orchestration/test_alerts.py runs it",
    "tokui gate accept": _CHANGES,
    "tokui gate withdraw": _CHANGES,
    "tokui quarantine show": _CHANGES,
    "tokui quarantine release": _CHANGES,
    "tokui quarantine discard": _CHANGES,
    "tokui reload": _CHANGES,
    "tokui upgrade": _CHANGES,
    "tokui export-list": "needs a role and people's addresses; tests of its own run it",
    "tokui publish": "needs a server; tests/serving runs it",
    "tokui dashboard": "stays until it is stopped; tests/dashboard runs it",
    "tokui docs": "some seconds of dbt; tests of its own run it",
    "python -m": "minutes or more; its arguments are read by its own parser",
    "pip install": "the extras are looked up in pyproject.toml",
}

NOT_OURS = {
    "systemctl": "needs a machine that systemd runs; test_deploy.py reads the units",
    "journalctl": "needs a machine that systemd runs",
    "dagster": "tests/orchestration loads the same definitions and runs the same job",
    "dagster-webserver": "stays until it is stopped",
    "dagster-daemon": "stays until it is stopped",
    "sudo": "a machine of the reader's",
}

OF_THE_READER = ("exports/売上_20260930.csv",)
"""Files that a page takes for the reader's own: commands on them are parsed and not run."""

EXPECTED: dict[tuple[str, str], int] = {}
"""Exit status of a command of a page that is not 0, by the page and how the command begins."""

EMPTY = {
    "evidence_grade = 'randomised'": "no coupon of the tests' demo has enough people held out",
    "having count(*) >= 100": "the tests' demo has too few customers for a category of a hundred",
}
"""Queries that find nothing on the generated demo, by words of theirs, with the reason."""

PGSQL = {"docs/postgres.md": "tests/serving/test_postgres_page.py"}
"""Tests that run the statements for Postgres of a page, on a server."""

OTHER_PYTHON: dict[str, str] = {}
"""Pages whose programs are compiled and not run."""

_FATES = {
    **dict.fromkeys(RUN, "run"),
    **dict.fromkeys(SHELL, "shell"),
    **dict.fromkeys(PARSED, "parsed"),
    **dict.fromkeys(NOT_OURS, "not ours"),
}


def fate_of(words: list[str]) -> str | None:
    """`run`, `shell`, `parsed` or `not ours`; None for a command that nobody accounted for."""
    line = " ".join(_without_profile(words))
    found = [one for one in _FATES if line == one or line.startswith(one + " ")]
    return _FATES[max(found, key=len)] if found else None


def _without_profile(words: list[str]) -> list[str]:
    return [words[0], *words[3:]] if words[1:2] == ["--profile"] else words
