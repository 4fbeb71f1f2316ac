"""Freed memory: kept for the next step, or given back to the system, where the C library (glibc) can be told to."""

from __future__ import annotations

import ctypes
import functools
import time
from contextlib import suppress
from typing import Any

SELDOM = 5.0  # seconds
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h
KEPT = 16 << 20  # bytes
LARGE = 128 << 10  # bytes

_is_decided = False
_given_back = 0.0


def keep_freed() -> None:
    """Keep up to 16 MB that were freed for the next step of a network, unless large blocks are to go back.

    A step takes and frees some hundred kilobytes. The C library would give so much back at once, and the next step
    would have each page mapped anew: a step of six rows takes 0.33 ms in place of 0.59.
    """
    global _is_decided
    if not _is_decided:
        _is_decided = True
        _set(TRIM_THRESHOLD, KEPT)
        _set(MMAP_THRESHOLD, KEPT)


def return_large_blocks() -> None:
    """Have each large block go back to the system as soon as it is free; called once, before the models are loaded.

    For a process that stays for hours: the C library would otherwise keep ever larger ones, in a heap with holes that
    nothing fits. It costs each step of a network some tenths of a millisecond.
    """
    global _is_decided
    _is_decided = True
    _set(MMAP_THRESHOLD, LARGE)


def give_back(now: bool = True) -> None:
    """Give free memory back: loading a model frees some twenty megabytes. Takes some milliseconds.

    Args:
        now: even if that was done a moment ago.
    """
    global _given_back
    trim = _of_c_library("malloc_trim")
    if trim is not None and (now or time.monotonic() > _given_back + SELDOM):
        trim(0)
        _given_back = time.monotonic()


def _set(option: int, size: int) -> None:
    mallopt = _of_c_library("mallopt")
    if mallopt is not None:
        mallopt(option, size)


@functools.cache
def _of_c_library(name: str) -> Any:
    with suppress(OSError, AttributeError, TypeError):
        return getattr(ctypes.CDLL(None), name)
    return None
