"""Free memory goes back to the system."""

from __future__ import annotations

import pytest

from benchmarks.app import resident
from rnnchat.heap import _of_c_library, give_back


@pytest.mark.skipif(_of_c_library("malloc_trim") is None, reason="only glibc can be told to")
def test_free_memory_goes_back_to_the_system() -> None:
    blocks = [bytes(60_000) for _ in range(1_000)]
    last = bytes(60_000)  # behind them, so that the heap does not shrink by itself
    full = resident()
    del blocks
    give_back()
    assert resident() < full - 40
    del last
