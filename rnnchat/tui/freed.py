"""Free memory goes back to the system, where the C library can be told to: loading frees some twenty megabytes."""

from __future__ import annotations

import ctypes
import time
from contextlib import suppress
from functools import cache
from typing import Any

SELDOM = 5.0  # seconds
M_MMAP_THRESHOLD, LARGE = -3, 128 << 10  # of glibc's malloc.h; bytes
_last = 0.0


def give_back(now: bool = True) -> None:
    """Give free memory back; takes some milliseconds, so it is called on the worker's thread when there is time.

    Args:
        now: even if that was done a moment ago.
    """
    global _last
    trim = _trim()
    if trim is not None and (now or time.monotonic() > _last + SELDOM):
        trim(0)
        _last = time.monotonic()


def return_large_blocks() -> None:
    """Have each large block go back to the system as soon as it is free; called once, before the models are loaded.

    The C library would otherwise keep ever larger ones, in a heap with holes that nothing fits.
    """
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE)


@cache
def _trim() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim  # glibc
    except (OSError, AttributeError, TypeError):
        return None
