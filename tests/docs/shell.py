"""Shell text of the pages: split into lines to run and into the simple commands in them."""

from __future__ import annotations

import re
import shlex
from itertools import product

_JOINS = {"&&", "||", ";", "|", "&"}
_REDIRECTIONS = {">", ">>", "<", "2>", ">&", "&>"}
_ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=")
_PROGRAM = re.compile(r"^(?:\$\(BIN\)/|\.venv/bin/|/opt/tokui/\.venv/bin/)")
_OPTIONAL = re.compile(r"(?<!\S)\[([^\[\]]*)\](?:\.\.\.)?")
_HERE = re.compile(r"<<-?\s*'?(\w+)'?")


def lines_of(text: str) -> list[str]:
    """Logical lines: with what a quote, a backslash or a here-document continues."""
    lines: list[str] = []
    pending = ""
    for line in text.splitlines():
        pending = f"{pending}\n{line}" if pending else line
        if pending.strip().startswith("#"):
            pending = ""
        elif pending.strip() and _is_whole(pending):
            lines.append(pending)
            pending = ""
    return [*lines, pending] if pending.strip() else lines


def _is_whole(line: str) -> bool:
    here = _HERE.search(line)
    if here:
        return line.splitlines()[-1].strip() == here[1]
    if line.endswith("\\"):
        return False
    try:
        shlex.split(line, comments=True)
    except ValueError:
        return False
    return True


def simple_commands(line: str) -> list[list[str]]:
    """Words of each simple command: without assignments before it and redirections behind it."""
    lexer = shlex.shlex(line.partition("<<")[0], posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split = True
    commands: list[list[str]] = [[]]
    words = iter(lexer)
    for word in words:
        if word in _JOINS:
            commands.append([])
        elif word in _REDIRECTIONS:
            next(words, None)
        elif commands[-1] or not _ASSIGNMENT.match(word):
            commands[-1].append(word)
    return [_plain(command) for command in commands if command]


def _plain(words: list[str]) -> list[str]:
    """A command by the name of its program, wherever that lies."""
    program = _PROGRAM.sub("", words[0])
    program = {"python3": "python", "$(MAKE)": "make"}.get(program, program)
    return [program, *words[1:]]


def variants(line: str) -> list[str]:
    """A usage line as command lines: with all that is optional and with none, each alternative.

    `tokui gate [--all] list|show ID...` is two times two of them. Lines with quotes are no usage.
    """
    if "'" in line or '"' in line:
        return [line]
    forms = {_OPTIONAL.sub("", line), line}
    while any(_OPTIONAL.search(form) for form in forms):
        forms = {_OPTIONAL.sub(lambda found: found[1], form) for form in forms}
    return sorted({one for form in forms for one in _alternatives(re.sub(r"\.\.\.|…", "", form))})


def _alternatives(form: str) -> list[str]:
    choices = [word.split("|") if word.strip("|") else [word] for word in form.split()]
    return [" ".join(words) for words in product(*choices)]


def is_placeholder(word: str) -> bool:
    """Whether a word stands for what the reader puts there: `FILE`, `RUN`, `<feed>`."""
    named = word.rpartition("=")[2] if word.startswith("--") else word
    return bool(re.fullmatch(r"[A-Z][A-Z_]*(=[A-Z]+)?|.*<[a-z ]+>.*", named))
