"""Measurements: `python -m benchmarks.NAME` prints a table, `--json` one object a line."""
