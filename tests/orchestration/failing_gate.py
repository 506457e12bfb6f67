"""A code location with one gate made to fail: its first suite gets a rule that cannot hold.

The multiprocess executor loads this module in each step's process, so the fault is in the module
and no patch; `TOKUI_TEST_GATE` names the layer there.
"""

import os
from dataclasses import replace

import dagster as dg

from expectations.model import Suite, no_result
from expectations.registry import suites_of
from orchestration.definitions import build_definitions
from orchestration.defs import quality

HEAVY = ("dlt", "great_expectations", "orchestration.transformation")
"""Imported once, by the server that forks a process a step."""

MULTIPROCESS = dg.multiprocess_executor.configured(
    {
        "max_concurrent": 2,
        "start_method": {"forkserver": {"preload_modules": [__name__, *HEAVY]}},
    }
)


def definitions(layer: str, executor: dg.ExecutorDefinition) -> dg.Definitions:
    """The code location whose gate of a layer fails."""
    gates = [quality.gate(name, _suites(name, layer)) for name in ("raw", "staging", "marts")]
    return build_definitions(gates, executor, columns={})


def _suites(layer: str, failing: str) -> list[Suite]:
    suites = list(suites_of(layer))
    if layer == failing:
        broken = no_result("made_to_fail", "select 1", "A test made this fail.")
        suites[0] = replace(suites[0], rules=(*suites[0].rules, broken))
    return suites


def nightly_refresh() -> dg.JobDefinition:
    """The job, found again by its name in every step's process."""
    failing = definitions(os.environ["TOKUI_TEST_GATE"], MULTIPROCESS)
    return failing.resolve_job_def("nightly_refresh")
