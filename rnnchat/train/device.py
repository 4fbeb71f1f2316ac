"""What computes while a network learns: the processor, or a graphics card.

All of train/ makes its tensors on torch's default device, so the context given here decides for everything in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from rnnchat.errors import TrainingError, UsageError


@contextmanager
def computing_on(device: str | None) -> Iterator[None]:
    """Let torch compute on `device`, "cpu" or "cuda"; where None, on a graphics card if there is one.

    Raises:
        UsageError: torch finds no such card.
        TrainingError: the card failed, for want of memory or because this torch cannot use it.
    """
    found = device != "cpu" and torch.cuda.is_available()
    if device == "cuda" and not found:
        raise UsageError("torch finds no graphics card that it can use here; leave --device cuda out")
    if not found:
        # Torch's own context would cost a little at every operation, for nothing on the processor.
        yield
        return
    try:
        with torch.device("cuda"):
            yield
    except RuntimeError as error:
        why = str(error).strip().partition("\n")[0]
        raise TrainingError(f"the graphics card failed ({why:.80}); with --device cpu it goes without") from error


def default_device() -> torch.device:
    """Return where tensors are made now; torch.get_default_device() only knows from torch 2.8 on."""
    return torch.empty(0).device


def on_graphics_card() -> bool:
    """Tell whether tensors are made on a graphics card now."""
    return default_device().type == "cuda"
