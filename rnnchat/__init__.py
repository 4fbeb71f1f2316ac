"""A small recurrent network that finishes what you write and talks with you, in the terminal.

    from rnnchat import Completer, Conversation

Both names are loaded on first use, so that `import rnnchat` costs nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnchat.chat import Conversation
    from rnnchat.complete import Completer

__all__ = ["Completer", "Conversation", "__version__"]
__version__ = "0.1.0"

_HOMES = {"Completer": "rnnchat.complete", "Conversation": "rnnchat.chat"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'rnnchat' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
