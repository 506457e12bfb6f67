"""What the data must fulfil before it may go on: one suite a table, three gates.

What belongs here: rules about data (`raw_*/`, `staging/`, `marts/`), the numbers they compare with
(`thresholds`), and the one module that talks to Great Expectations (`runner`).
What does not: which step a failed rule stops, and where results are kept (`orchestration`).

    suites_of("raw")  ──>  run_suites(warehouse, suites, facts)  ──>  [CheckResult, …]

A suite stands in the module whose path is the name of its table: `raw_pos.receipts` is
`expectations/raw_pos/receipts.py`. To add one, write the module; the registry finds it.
Tests: `pytest tests/expectations`.
"""

from expectations.model import CheckResult, Rule, RunFacts, Severity, Suite
from expectations.registry import LAYERS, find_suite, suites_of

__all__ = [
    "LAYERS",
    "CheckResult",
    "Rule",
    "RunFacts",
    "Severity",
    "Suite",
    "find_suite",
    "suites_of",
]
