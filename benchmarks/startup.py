"""How long until something is there: bare Python, imports, --help, a cold completion."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from benchmarks.report import arguments, median, milliseconds, show

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import rnnchat": ["-c", "import rnnchat"],
    "import onnxruntime": ["-c", "import onnxruntime"],
    "import torch": ["-c", "import torch"],
    "rnnchat --help": ["-m", "rnnchat", "--help"],
    "rnnchat complete, cold": ["-m", "rnnchat", "complete", "I want to order pizza with", "--count", "3"],
}


def run(command: list[str]) -> None:
    """Run one Python process to its end."""
    subprocess.run([sys.executable, *command], check=True, capture_output=True)


def main() -> None:
    """Measure every command in turn, so that a slow moment of the machine meets all."""
    options = arguments(__doc__ or "", runs=11)
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for name, command in COMMANDS.items():
        milliseconds(lambda command=command: run(command), 1)  # type: ignore[misc]
        times[name].clear()
    for _ in range(options.runs):
        for name, command in COMMANDS.items():
            times[name] += milliseconds(lambda command=command: run(command), 1, warm_up=0)  # type: ignore[misc]
    rows: list[dict[str, Any]] = [
        {"command": name, "median s": median(found) / 1000, "min s": min(found) / 1000, "max s": max(found) / 1000}
        for name, found in times.items()
    ]
    show("startup", rows, options.json)


if __name__ == "__main__":
    main()
