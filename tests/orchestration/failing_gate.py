"""A code location with one gate made to fail, for both executors.

`TOKUI_TEST_GATE` names the layer; its first suite gets a rule that cannot hold. The multiprocess
executor loads this module in each step's process, so the fault is in the module and no patch.
"""

import os
from dataclasses import replace

import dagster as dg

from expectations.model import no_result
from expectations.registry import suites_of
from orchestration.definitions import build_definitions
from orchestration.defs import quality

HEAVY = ("dbt.cli.main", "dlt", "great_expectations", "orchestration.transformation")
"""Imported once, by the server that forks a process a step."""

EXECUTORS = {
    "in_process": dg.in_process_executor,
    "multiprocess": dg.multiprocess_executor.configured(
        {
            "max_concurrent": 2,
            "start_method": {"forkserver": {"preload_modules": [__name__, *HEAVY]}},
        }
    ),
}


def _suites(layer: str):
    suites = list(suites_of(layer))
    if layer == os.environ["TOKUI_TEST_GATE"]:
        broken = no_result("made_to_fail", "select 1", "A test made this fail.")
        suites[0] = replace(suites[0], rules=(*suites[0].rules, broken))
    return suites


defs = build_definitions(
    [quality.gate(layer, _suites(layer)) for layer in ("raw", "staging", "marts")],
    EXECUTORS[os.environ["TOKUI_TEST_EXECUTOR"]],
)


def nightly_refresh() -> dg.JobDefinition:
    """The job, found again by its name in every step's process."""
    return defs.resolve_job_def("nightly_refresh")
