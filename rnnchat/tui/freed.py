"""Free memory goes back to the system, where the C library can be told to: loading frees some twenty megabytes."""

from __future__ import annotations

import ctypes
import time
from functools import cache
from typing import Any

SELDOM = 5.0  # seconds
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


@cache
def _trim() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim  # glibc
    except (OSError, AttributeError, TypeError):
        return None
