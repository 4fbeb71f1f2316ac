"""What computes while a network learns: the processor, or a graphics card.

All of train/ makes its tensors on torch's default device, so the context returned here decides for everything in it.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

from rnnchat.errors import UsageError


def computing_on(device: str | None) -> AbstractContextManager[object]:
    """Return the context in which torch computes on `device`, "cpu" or "cuda"; where None, on a card if there is one.

    Raises:
        UsageError: torch finds no such card.
    """
    found = torch.cuda.is_available()
    if device == "cuda" and not found:
        raise UsageError("torch finds no graphics card that it can use here; leave --device cuda out")
    # Torch's own context would cost a little at every operation, for nothing on the processor.
    return torch.device("cuda") if found and device != "cpu" else nullcontext()


def on_graphics_card() -> bool:
    """Tell whether tensors are made on a graphics card now."""
    return torch.get_default_device().type == "cuda"
