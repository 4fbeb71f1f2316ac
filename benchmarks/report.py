"""What every benchmark shares: the machine in words, medians, a table or JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PUBLIC_TEXTS = Path(os.environ.get("RNNCHAT_TEXTS", Path(__file__).parents[2] / "shared" / "corpora"))


def arguments(description: str, **defaults: Any) -> argparse.Namespace:
    """Return the command line: --json, and an option for each of `defaults`, of its default's type."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    for name, default in defaults.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    return parser.parse_args()


def machine() -> str:
    """Return this machine in words."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return f"{os.cpu_count()} cores of {model}, Python {platform.python_version()}"


def milliseconds(work: Callable[[], object], runs: int, warm_up: int = 1) -> list[float]:
    """Return how long each of `runs` calls takes, after a few that do not count."""
    for _ in range(warm_up):
        work()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - began))
    return times


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def show(title: str, rows: Sequence[dict[str, Any]], as_json: bool) -> None:
    """Print rows of equal keys as a table, or each as a JSON object."""
    if as_json:
        for row in rows:
            print(json.dumps({"benchmark": title, **row}))
        return
    print(f"{title}: {time.strftime('%Y-%m-%d')}, {machine()}")
    cells: list[list[str]] = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(cells[0]))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
