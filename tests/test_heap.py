"""Freed memory is kept where steps of a network need it again, and goes back to the system where it is told to."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this is for glibc"
)

STEPS = """
import resource, sys
from rnnchat import heap
from rnnchat.recurrent import RecurrentModel
if sys.argv[1] == "large":
    heap.return_large_blocks()
model = RecurrentModel.load("chat")
state = model.start()
for token in model.vocabulary.encode("Hello there, my friend, how are you today, and what are you doing?"):
    state = model.step([state], [token])[0]
for step in range(120):
    if step == 20:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    model.batch_log_probs([state] * 6)
    model.step([state] * 6, [token] * 6)
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 100)
"""


def pages_mapped_a_step(policy: str) -> float:
    run = subprocess.run([sys.executable, "-c", STEPS, policy], capture_output=True, text=True, check=True)
    return float(run.stdout)


def test_a_step_has_no_memory_mapped_anew_unless_large_blocks_go_back() -> None:
    assert pages_mapped_a_step("kept") < 5 < pages_mapped_a_step("large")


def test_free_memory_goes_back_to_the_system() -> None:
    from benchmarks.app import resident
    from rnnchat.heap import give_back

    blocks = [bytes(60_000) for _ in range(1_000)]
    last = bytes(60_000)  # behind them, so that the heap does not shrink by itself
    full = resident()
    del blocks
    give_back()
    assert resident() < full - 40
    del last
