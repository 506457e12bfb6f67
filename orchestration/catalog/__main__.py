"""`python -m orchestration.catalog`: write the generated files of the repository anew."""

from __future__ import annotations

from orchestration.catalog.files import generated
from orchestration.project import ROOT


def main() -> None:
    """Write each file that differs, and name it."""
    for name, text in generated().items():
        path = ROOT / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(name)


if __name__ == "__main__":
    main()
