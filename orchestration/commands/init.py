"""`tokui init`: a first tokui.toml, guessed from a folder of exports."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "init", help="write a first tokui.toml, guessed from a folder of exports"
    )
    command.add_argument("folder", metavar="FOLDER", type=Path, help="your exports")
    command.add_argument("--out", type=Path, metavar="FILE", help="default: ./tokui.toml")
    command.add_argument("--force", action="store_true", help="write over settings that are there")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from ingestion.errors import ConfigurationError
    from ingestion.first_settings.guess import guess
    from ingestion.first_settings.look import look_around
    from ingestion.first_settings.write import settings_text, summary
    from ingestion.settings import config_path, load_settings
    from orchestration.child import GREEN
    from serving.exports.files import new_file

    target = (options.out or config_path()).absolute()
    if not options.folder.is_dir():
        raise ConfigurationError(f"init: {options.folder} is no folder. Name that of your exports.")
    if target.exists() and not options.force:
        raise ConfigurationError(
            f"init: {target} is there already. Write elsewhere with --out, or over it with --force."
        )
    guesses = guess(look_around(options.folder))
    if not guesses.tables:
        raise ConfigurationError(
            f"init: no file in {options.folder} is recognised as a table of the contract "
            "(docs/feed-contract.md), so nothing is written. docs/your-register.md shows how to "
            "map an export by hand." + "".join(f"\n  {line}" for line in summary(guesses))
        )
    with new_file(target) as out:
        out.write(settings_text(guesses, options.folder, target).encode())
        out.flush()
        load_settings(Path(out.name))  # Before it replaces settings that work.
    print("\n".join(summary(guesses)))
    print(f"\nWritten: {target}. Read it, and try a file of each table, which loads nothing:")
    first = guesses.tables[0].looks[0].name
    print(f"  tokui feeds check {options.folder / first}\nThen: tokui refresh")
    return GREEN
