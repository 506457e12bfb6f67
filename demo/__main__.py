"""Generates the demo's feeds, without refreshing a warehouse.

python -m demo --home DIR --scale small --seed 1 --nights 2
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from demo.generate import DemoError, add_night, generate
from demo.scale import SCALES


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, required=True, help="folder to write to")
    parser.add_argument("--scale", choices=SCALES, default="small")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nights", type=int, default=0, help="days after the base history")
    chosen = parser.parse_args(arguments)
    try:
        world = generate(chosen.home, SCALES[chosen.scale], chosen.seed, progress=True)
        for _ in range(chosen.nights):
            add_night(chosen.home, world)
    except DemoError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
