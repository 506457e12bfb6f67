"""Command lines read by the parsers that would read them, without anything being run."""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import runpy
import shutil
import sys
import tomllib
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from unittest.mock import patch

from tests.docs.markdown import ROOT
from tests.docs.shell import is_placeholder

FILLED = {"DATE": "2026-09-30", "N": "3", "S": "small", "PORT": "8601", "COLUMN=VALUE": "a=b"}
"""What a placeholder stands for where a parser takes nothing but such values."""
_FILLER = "anything"
_CHOICE = re.compile(rf"invalid choice: '{_FILLER}' \(choose from '([^']+)'")
_WITHOUT_VALUE = re.compile(r"argument (--[\w-]+): expected one argument")
_MISSING = re.compile(r"the following arguments are required: (.+)")


class Parsed(BaseException):  # It ends a command where its work would begin.
    """The arguments were read."""


def complaint_about(words: list[str], is_whole: bool = True) -> str | None:
    """What is wrong with a command of this project, None when nothing is.

    A mention within a sentence is not `is_whole`: arguments that must be there may be missing.
    """
    words = [words[0], *(FILLED.get(word, word) for word in words[1:])]
    if words[0] == "make":
        return _of_make(words[1:])
    if words[:2] == ["python", "-m"]:
        return _of_module(words[2], words[3:], is_whole)
    if words[0] == "pip":
        return _of_pip(words[1:])
    if words[0] == "sh":
        return None if (ROOT / words[1]).exists() else f"there is no {words[1]}"
    return _by_parser("orchestration.cli", words[1:], is_whole)


def _of_make(words: list[str]) -> str | None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M)
    unknown = [word for word in words if "=" not in word and word not in targets]
    return f"the Makefile has no target {', '.join(unknown)}" if unknown else None


def _of_module(module: str, words: list[str], is_whole: bool) -> str | None:
    if module == "pytest":
        missing = [w for w in words if "/" in w and not (ROOT / w.partition("::")[0]).exists()]
        return f"there is no {', '.join(missing)}" if missing else None
    spec = find_spec(module)
    if spec is None:
        return f"there is no module {module}"
    main = find_spec(f"{module}.__main__") if spec.submodule_search_locations else spec
    if main is None or main.origin is None:
        return f"{module} cannot be run"
    if (
        not Path(main.origin).is_relative_to(ROOT)
        or "argparse" not in Path(main.origin).read_text()
    ):
        return None
    return _by_parser(module, words, is_whole)


def _of_pip(words: list[str]) -> str | None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = re.findall(r"tokui\[([\w,]+)\]", " ".join(words))
    unknown = set(",".join(extras).split(",")) - {"", *project["optional-dependencies"]}
    return f"no extra {', '.join(sorted(unknown))}" if unknown else None


def _by_parser(module: str, words: list[str], is_whole: bool) -> str | None:
    for _ in range(6):
        said = _try(module, words)
        if said is None:
            return None
        missing = _MISSING.search(said) or _WITHOUT_VALUE.search(said)
        choice = _CHOICE.search(said)
        if is_whole or not (missing or choice):
            return said.strip().splitlines()[-1].partition(" (choose from")[0]
        if choice:
            words = [choice[1] if word == _FILLER else word for word in words]
            continue
        name = missing[1].split(", ")[0]
        words = _with(words, name)
    return said


def _with(words: list[str], name: str) -> list[str]:
    """A command with an argument that it lacks, or with the value of an option."""
    if not name.startswith("-"):
        return [*words, _FILLER]
    place = words.index(name) + 1 if name in words else len(words)
    option = [] if name in words else [name]
    return [*words[:place], *option, FILLED["DATE"], *words[place:]]


def _try(module: str, words: list[str]) -> str | None:
    """Standard error of a parser that refuses; None when it takes the words."""
    said = io.StringIO()
    try:
        with (
            _only_parsing(),
            patch.object(sys, "argv", [module, *words]),
            contextlib.redirect_stderr(said),
            contextlib.redirect_stdout(io.StringIO()),
            warnings.catch_warnings(action="ignore", category=RuntimeWarning),  # Imported before.
        ):
            runpy.run_module(module, run_name="__main__")
    except Parsed:
        return None
    except SystemExit as end:
        return said.getvalue() if end.code else None
    return f"{module} ran without reading its arguments"


@contextlib.contextmanager
def _only_parsing() -> Iterator[None]:
    parse = argparse.ArgumentParser.parse_args

    def parse_and_end(
        self: argparse.ArgumentParser, args: list[str] | None = None, namespace: object = None
    ) -> argparse.Namespace:
        parse(self, args, namespace)  # type: ignore[arg-type]
        raise Parsed

    with patch.object(argparse.ArgumentParser, "parse_args", parse_and_end):
        yield


def has_placeholder(words: list[str]) -> bool:
    """Whether a reader must fill something in before the command can run."""
    return any(is_placeholder(word) for word in words)


def is_installed(program: str) -> bool:
    """Whether a program of the system is there."""
    return shutil.which(program) is not None
