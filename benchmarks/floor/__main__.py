"""`python -m benchmarks.floor FOLDER`."""

import sys
from pathlib import Path

from benchmarks.floor import run

if __name__ == "__main__":
    run(Path(sys.argv[1]))
