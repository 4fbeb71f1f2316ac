"""Free memory goes back to the system, where the C library (glibc) can be told to."""

from __future__ import annotations

import ctypes
import time
from contextlib import suppress
from functools import cache
from typing import Any

SELDOM = 5.0  # seconds
MMAP_THRESHOLD, LARGE = -3, 128 << 10  # of glibc's malloc.h; bytes
_last = 0.0


def give_back(now: bool = True) -> None:
    """Give free memory back: loading a model frees some twenty megabytes. Takes some milliseconds.

    Args:
        now: even if that was done a moment ago.
    """
    global _last
    trim = _of_c_library("malloc_trim")
    if trim is not None and (now or time.monotonic() > _last + SELDOM):
        trim(0)
        _last = time.monotonic()


def return_large_blocks() -> None:
    """Have each large block go back to the system as soon as it is free; called once, before the models are loaded.

    The C library would otherwise keep ever larger ones, in a heap with holes that nothing fits.
    """
    mallopt = _of_c_library("mallopt")
    if mallopt is not None:
        mallopt(MMAP_THRESHOLD, LARGE)


@cache
def _of_c_library(name: str) -> Any:
    with suppress(OSError, AttributeError, TypeError):
        return getattr(ctypes.CDLL(None), name)
    return None
