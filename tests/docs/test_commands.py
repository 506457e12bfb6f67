"""Every command in the documentation does what it says, or is read by the parser it is meant for.

Nothing is left unaccounted for: `registry.py` says which commands run, which are only parsed and
why, and which are no part of this project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.docs import registry
from tests.docs.arguments import complaint_about, has_placeholder
from tests.docs.markdown import ROOT, Block, Page, Span, pages
from tests.docs.sandbox import Sandbox
from tests.docs.shell import lines_of, simple_commands, variants

OURS = ("tokui", "make", "python", "dagster", "pip", "sh", "mf", "git", "psql", "systemctl")
_COMMAND = re.compile(rf"^(?:\.venv/bin/|cd \S+ && )*(?:{'|'.join(OURS)}) [^=]")
_HIDDEN = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?(?:tokui|make|python -m) \S", re.M)


def shell_blocks(page: Page) -> list[Block]:
    return [block for block in page.blocks if block.language == "sh"]


def commands() -> Iterator[tuple[str, list[str], bool]]:
    """Place and words of every command; whether it must be whole, as one in a block must."""
    for page in pages():
        for block in shell_blocks(page):
            for line in lines_of(block.text):
                yield from ((block.place, words, True) for words in _forms(line))
        for span in mentions(page):
            yield from ((span.place, words, False) for words in _forms(span.text))
    for number, line in enumerate((ROOT / "Makefile").read_text().splitlines(), 1):
        if line.startswith("\t$(BIN)/"):
            line = line.strip().rstrip("\\").replace("$$", "$")
            yield from ((f"Makefile:{number}", words, True) for words in simple_commands(line))


def mentions(page: Page) -> list[Span]:
    """Commands within sentences; the name of a program alone is none."""
    return [span for span in page.spans if _COMMAND.match(span.text)]


def _forms(line: str) -> Iterator[list[str]]:
    for form in variants(line):
        yield from simple_commands(form)


def test_every_command_is_accounted_for() -> None:
    lost = [
        f"{place}: {' '.join(words)}"
        for place, words, _ in commands()
        if not place.startswith("Makefile") and registry.fate_of(words) is None
    ]
    assert not lost, "say in tests/docs/registry.py what becomes of: " + "; ".join(lost)


def test_every_command_of_ours_has_arguments_that_its_program_takes() -> None:
    wrong = []
    for place, words, is_whole in commands():
        is_ours = words[0] in ("tokui", "make") or words[:2] in (
            ["python", "-m"],
            ["pip", "install"],
        )
        if is_ours and (complaint := complaint_about(words, is_whole)):
            wrong.append(f"{place}: {' '.join(words)}: {complaint}")
    assert not wrong, "\n".join(wrong)


def test_no_command_hides_in_a_block_that_nothing_reads() -> None:
    hidden = [
        block.place
        for page in pages()
        for block in page.blocks
        if block.language in ("", "text") and _HIDDEN.search(block.text)
    ]
    assert not hidden, f"make them `sh`: {hidden}"


def test_the_registry_names_nothing_that_no_page_has() -> None:
    used = {" ".join(words) for _, words, _ in commands()}
    used |= {re.sub(r"^(\S+) --profile \S+", r"\1", line) for line in used}
    idle = [
        beginning
        for beginning in (*registry.RUN, *registry.PARSED, *registry.NOT_OURS)
        if not any(line == beginning or line.startswith(beginning + " ") for line in used)
    ]
    assert not idle


@pytest.mark.parametrize("page", [p for p in pages() if shell_blocks(p)], ids=lambda p: p.name)
def test_what_can_be_run_runs(page: Page, sandbox: Sandbox) -> None:
    for block in shell_blocks(page):
        for line in filter(can_run, lines_of(block.text)):
            status, said = sandbox.run(line)
            assert status == expected_status(page, line), f"{block.place}: {line}\n{said}"


def can_run(line: str) -> bool:
    """Whether a line runs as it stands: nothing to fill in, every command of it cheap."""
    parts = simple_commands(line)
    fates = [registry.fate_of(words) for words in parts]
    is_cheap = "run" in fates and set(fates) <= {"run", "shell"}
    is_of_the_reader = any(file in line for file in registry.OF_THE_READER)
    is_as_it_stands = variants(line) == [line] and not any(map(has_placeholder, parts))
    return is_cheap and is_as_it_stands and not is_of_the_reader


def expected_status(page: Page, line: str) -> int:
    known = registry.EXPECTED.items()
    return next(
        (n for (name, start), n in known if name == page.name and line.startswith(start)), 0
    )


def test_a_command_that_is_wrong_is_found() -> None:
    for wrong in (
        "make no-such-target",
        "tokui refresh --as-off 2026-09-30",
        "tokui refresh --as-of yesterday",
        "tokui gate nothing",
        "tokui feeds check --tabel x",
        "python -m evaluation nothing",
        "python -m evaluation faults --jobs two",
        "python -m no_such_module",
        "python -m pytest tests/no_such_folder",
        "pip install 'tokui[nothing]'",
    ):
        assert complaint_about(simple_commands(wrong)[0], is_whole=False), wrong
