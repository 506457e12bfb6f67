"""`python -m evaluation scarce`: runs that find the disk full, or too little memory.

Each must end green or with status 1, 2 or 4, say in words what was short, where and what to do,
and leave the publication whole; with room again, the next run must give what the twin has.
"""

from __future__ import annotations

import resource
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from evaluation.crash import homes
from evaluation.crash.disk import NoDiskError, fill, size_mib, small_disk
from evaluation.crash.moments import WRITING, Watch, reach
from evaluation.crash.trial import Twin, make_twin
from evaluation.crash.verdict import in_fork, is_whole, leftovers, state_of
from evaluation.harness import Site, refresh, start
from orchestration.child import how_it_ended
from orchestration.home import Home

PEAK_MIB = 1024
_MIB = 1 << 20
_ENOUGH_MIB, _FEW_MIB = 600, 20
_ENGINE_MIB, _TOO_FEW_ENGINE_MIB = 384, 12
_FILE_MIB = 8
_DISK_WORDS, _MEMORY_WORDS = "Make room there", "limits.memory_mib"
_ROW = "{:<42} {:>6} {:>9} {:>7}  {}"


@dataclass
class Outcome:
    """How a run with too little of something ended; `peak_mib` is the most memory it had."""

    name: str
    status: int
    peak_mib: float
    healed_with: int | None = None
    complaints: list[str] = field(default_factory=list)


def main(work: Path, people: int, seed: int) -> int:
    """Try every kind of scarcity and print a row each; 1 when something was not as it must be.

    Raises:
        homes.TrialError: an undisturbed run was not green.
    """
    from orchestration.refresh import warm

    folder = work / "scarce"
    folder.mkdir(parents=True, exist_ok=True)
    warm()
    base = homes.make_base(folder / "base", people, seed)
    twin = make_twin(base, folder / "twin")
    print(_ROW.format("scarce", "status", "peak MiB", "healed", ""))
    bad = 0
    for outcome in try_all(base, folder, twin):
        bad += bool(outcome.complaints)
        healed = {None: "", 0: "yes"}.get(outcome.healed_with, "no")
        verdict = "; ".join(outcome.complaints) or "as it must be"
        row = (outcome.name, outcome.status, f"{outcome.peak_mib:,.0f}", healed, verdict)
        print(_ROW.format(*row), flush=True)
    return int(bad > 0)


def try_all(base: Site, folder: Path, twin: Twin) -> Iterator[Outcome]:
    """Every trial in turn; where no disk can be mounted, files that cannot grow stand for it."""
    try:
        yield _no_room_at_the_start(base, folder)
        for place in ("build_intermediate", WRITING):
            yield _filled_disk(base, folder, place, twin)
    except NoDiskError:
        yield _short_files(base, folder, twin)
    yield _little_memory(base, folder)
    yield _too_little_memory(base, folder, twin)


def _no_room_at_the_start(base: Site, folder: Path) -> Outcome:
    with small_disk(folder / "disk", size_mib(base.home) + _FEW_MIB) as disk:
        site = homes.copy(base, disk / "home", folder / "disk.log")
        outcome = _run("disk full before the run", site)
        if outcome.status != 2:
            outcome.complaints.append("it was not refused with status 2")
        return _judge(outcome, site, _DISK_WORDS)


def _filled_disk(base: Site, folder: Path, place: str, twin: Twin) -> Outcome:
    with small_disk(folder / "disk", size_mib(base.home) + _ENOUGH_MIB) as disk:
        site = homes.copy(base, disk / "home", folder / "disk.log")
        watch = Watch(Home(site.home))
        child = start(site)
        reach(child, watch, place)
        ballast = fill(disk)
        outcome = Outcome(f"disk filled in: {place}", child.wait(), child.peak_mib)
        _judge(outcome, site, _DISK_WORDS)
        ballast.unlink()
        return _heal(outcome, site, twin)


def _short_files(base: Site, folder: Path, twin: Twin) -> Outcome:
    site = homes.copy(base, folder / "files")
    outcome = _run(
        f"no file may grow beyond {_FILE_MIB} MiB", site, _limited(resource.RLIMIT_FSIZE, _FILE_MIB)
    )
    return _heal(_judge(outcome, site, _DISK_WORDS), site, twin)


def _little_memory(base: Site, folder: Path) -> Outcome:
    site = _with_memory(homes.copy(base, folder / "memory"), _ENGINE_MIB)
    outcome = _run(
        f"1 GiB to map, the engine {_ENGINE_MIB} MiB",
        site,
        _limited(resource.RLIMIT_AS, _mapped_mib() + PEAK_MIB),
    )
    if outcome.peak_mib > PEAK_MIB:
        outcome.complaints.append(f"it took more than {PEAK_MIB:,} MiB")
    return _judge(outcome, site, _MEMORY_WORDS)


def _too_little_memory(base: Site, folder: Path, twin: Twin) -> Outcome:
    site = _with_memory(homes.copy(base, folder / "memory"), _TOO_FEW_ENGINE_MIB)
    outcome = _run(f"the engine {_TOO_FEW_ENGINE_MIB} MiB", site)
    if outcome.status == 0:
        outcome.complaints.append("so little was enough: the limit does not reach the engine")
    _judge(outcome, site, _MEMORY_WORDS)
    shutil.copyfile(base.config, site.config)
    return _heal(outcome, site, twin)


def _run(name: str, site: Site, before: Callable[[], None] | None = None) -> Outcome:
    child = start(site, before=before)
    return Outcome(name, child.wait(), child.peak_mib)


def _judge(outcome: Outcome, site: Site, words: str) -> Outcome:
    """Add what is wrong with the end of a run: its status, its words, the publication."""
    outcome.status, last_words = how_it_ended(outcome.status)
    if outcome.status not in (0, 1, 2, 4):
        outcome.complaints.append(f"it ended with {outcome.status}")
    said = site.log.read_text(encoding="utf-8", errors="replace") + last_words
    if outcome.status and words not in said:
        outcome.complaints.append(f'it does not say "{words}"; see {site.log}')
    if "Traceback" in said:
        outcome.complaints.append("it printed a traceback")
    outcome.complaints += in_fork(is_whole, Home(site.home))
    return outcome


def _heal(outcome: Outcome, site: Site, twin: Twin) -> Outcome:
    home = Home(site.home)
    outcome.healed_with = refresh(site)
    if outcome.healed_with == 0:
        outcome.complaints += in_fork(state_of, home).differences(twin.state)
        outcome.complaints += in_fork(leftovers, home)
    else:
        outcome.complaints.append(f"the next run ended with {outcome.healed_with}")
    return outcome


def _with_memory(site: Site, mib: int) -> Site:
    with site.config.open("a", encoding="utf-8") as stream:
        stream.write(f"\n[limits]\nmemory_mib = {mib}\n")
    return site


def _limited(what: int, mib: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(what, (mib * _MIB, mib * _MIB))


def _mapped_mib() -> int:
    """MiB of addresses that this process has mapped, and a fork of it at first."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize() // _MIB
