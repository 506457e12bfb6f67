"""Models as statements, in the order in which they can be run."""

from __future__ import annotations

from evaluation.compiled_models import _in_order


def test_models_run_after_those_they_read() -> None:
    nodes = {
        f"model.{name}": {"name": name, "depends_on": {"nodes": [f"model.{o}" for o in others]}}
        for name, others in {
            "edges": ["records", "given"],
            "records": ["stg_pos__members"],
            "partition": ["edges", "records"],
        }.items()
    }
    assert [node["name"] for node in _in_order(nodes)] == ["records", "edges", "partition"]
