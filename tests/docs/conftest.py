"""The sandbox of this session, around the generated demo that other tests read as well."""

from __future__ import annotations

import pytest

from tests.docs.sandbox import Sandbox
from tests.generated import GeneratedRetailer


@pytest.fixture(scope="session")
def sandbox(generated_demo: GeneratedRetailer, tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    return Sandbox.made(tmp_path_factory.mktemp("docs") / "tokui", generated_demo.root)
