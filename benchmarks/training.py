"""tiny Shakespeare, nanoGPT's split: train on the first 90 %, measure on the last 10 %, after so many seconds.

The training is the command `rnnchat train` in a process of its own, whose wall time is taken from outside, start-up
and export included. The held-out text is read once, at the end, by the exported int8 engine, in order and with
carried state; the training never sees it.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.report import PUBLIC_TEXTS, arguments, show
from rnnchat.quality import nats_per_character
from rnnchat.recurrent import RecurrentModel


def measure(seconds: float, seed: int) -> dict[str, Any]:
    """Train for `seconds` and return the figures."""
    text = (PUBLIC_TEXTS / "benchmark/tinyshakespeare.txt").read_text()
    cut = int(0.9 * len(text))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "train.txt").write_text(text[:cut])
        command = [sys.executable, "-m", "rnnchat", "train", str(Path(folder) / "train.txt"), "--name", "shakespeare"]
        began = time.monotonic()
        subprocess.run(
            [*command, "--device", "cpu", "--unit", "char", "--minutes", str(seconds / 60), "--seed", str(seed)],
            check=True,
            env={**os.environ, "RNNCHAT_HOME": folder},
            stdout=subprocess.DEVNULL,
        )
        wall = time.monotonic() - began
        nats = nats_per_character(RecurrentModel.load(Path(folder) / "models/shakespeare"), text[cut:])
    return {
        "budget s": seconds,
        "wall s": round(wall, 1),
        "seed": seed,
        "characters held out": len(text) - cut,
        "nats/char": nats,
        "bits/char": nats / math.log(2),
    }


def main() -> None:
    """Measure each budget and print."""
    options = arguments(__doc__ or "", seconds="150,600", seed=0)
    if not (PUBLIC_TEXTS / "benchmark/tinyshakespeare.txt").exists():
        sys.exit(
            "tinyshakespeare.txt is absent; set RNNCHAT_TEXTS to the folder that holds benchmark/tinyshakespeare.txt"
        )
    rows = [measure(float(seconds), options.seed) for seconds in options.seconds.split(",")]
    show("training", rows, options.json)


if __name__ == "__main__":
    main()
