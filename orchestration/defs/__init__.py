"""Dagster definitions by kind, thin: each wraps a function that runs without Dagster."""
