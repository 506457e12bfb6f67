"""A Postgres server of one's own for as long as a block runs: no port, no password, no durability.

It listens on a socket in a folder of its own and runs as the user of Debian's package where the
caller is root, whom Postgres refuses.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

INITDB = ("initdb", *(f"/usr/lib/postgresql/{n}/bin/initdb" for n in range(20, 11, -1)))
"""Where the programs of a server may lie; Debian puts them on nobody's path."""
_OWNER = "postgres"
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")
_START_SECONDS = 60


class NoServerError(FileNotFoundError):
    """There is no Postgres on this machine."""


@dataclass(frozen=True)
class Server:
    """A server that runs; its user `postgres` may do anything there."""

    folder: Path
    programs: Path

    def address(self, database: str = "postgres", user: str = _OWNER) -> str:
        """The address of a database there, as `TOKUI_POSTGRES_URL` has it."""
        return f"postgresql://{user}@/{database}?host={self.folder}"


@contextmanager
def running_server(initdb: str = "") -> Iterator[Server]:
    """A server with nothing in it, gone when the block ends.

    Args:
        initdb: the program that makes a server's folder; looked for if not given.

    Raises:
        NoServerError: there is none.
    """
    programs = Path(initdb or _find()).resolve().parent  # A link shows none of its neighbours.
    folder = Path(tempfile.mkdtemp(prefix="tokui-postgres-"))
    user = _unprivileged()
    if user:
        shutil.chown(folder, user)
    try:
        _run(user, programs / "initdb", "-D", folder / "data", *_INITDB_OPTIONS)
        options = [f"-c{one}" for one in (*_QUICK, "listen_addresses=")]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", folder / "data", "-k", folder, *options],
                stdout=log,
                stderr=log,
                user=user,
                cwd=folder,
            )
        try:
            _wait(process, folder, programs)
            yield Server(folder, programs)
        finally:
            process.send_signal(signal.SIGQUIT)  # At once: nothing of it is kept.
            process.wait(_START_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_INITDB_OPTIONS = ("-A", "trust", "-U", _OWNER, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")


def _find() -> str:
    for name in INITDB:
        found = shutil.which(name)
        if found:
            return found
    raise NoServerError("there is no Postgres on this machine: apt-get install postgresql")


def _unprivileged() -> str | None:
    """A user that a server may run as; None where the caller may run it."""
    if os.geteuid():
        return None
    import pwd

    names = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(user: str | None, *command: object) -> None:
    done = subprocess.run(
        [str(part) for part in command], user=user, cwd="/", capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stderr}")


def _wait(process: subprocess.Popen, folder: Path, programs: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    ready = [str(programs / "pg_isready"), "-q", "-h", str(folder)]
    while subprocess.run(ready).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server did not start:\n{(folder / 'log').read_text()}")
        time.sleep(0.05)
