"""A trained model on disk: one folder, nothing in it that can execute code.

| file | what |
|---|---|
| config.json | format, sizes, tuned numbers, and the sha256 of every other file; written last |
| vocabulary.json | unit and tokens |
| step.onnx, output.onnx | int8 graphs of one time step: token and state → features, features → logits |
| weights.safetensors | what training continues from; inference never reads it |
| counts.safetensors | what followed what in the training text, to mix with the network; may be absent |
| CARD.md | data, recipe, measured quality, limits |

The sha256 finds damage, not malice: whoever makes a folder writes both. Malice is answered by the checks of every
size, type and field before anything is allocated or handed to native code.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from rnnchat.errors import ModelError, UsageError
from rnnchat.files import MANIFEST, because, check_file, read_limited, recover_folder, replace_folder, shown
from rnnchat.onnx_guard import FLOAT, INT64, check_graph
from rnnchat.strict_json import parse_json, table_of
from rnnchat.vocabulary import FIRST_TOKEN, MAX_TOKENS, Unit, Vocabulary
from rnnchat.weights import Counts, Weights, parse_counts, parse_weights

FORMAT = 1
Cell = Literal["lstm", "gru", "rnn", "feedforward"]
Memory = Literal["full", "message", "none"]
GATES: Mapping[Cell, int] = {"lstm": 4, "gru": 3, "rnn": 1, "feedforward": 1}

KIB, MIB = 1 << 10, 1 << 20
LIMITS = {
    "config.json": 64 * KIB,
    "vocabulary.json": 8 * MIB,
    "step.onnx": 256 * MIB,
    "output.onnx": 256 * MIB,
    "weights.safetensors": 1024 * MIB,
    "counts.safetensors": 256 * MIB,
    "CARD.md": 256 * KIB,
}
MAY_BE_ABSENT = {"counts.safetensors"}
RANGES = {
    "layers": (1, 8),
    "hidden": (1, 4096),
    "embedding": (1, 2048),
    "vocabulary": (FIRST_TOKEN + 1, FIRST_TOKEN + MAX_TOKENS),
}
MAX_ATTENTION = 512
LOOK_AHEAD = 10  # tokens: a key also tells what comes so much later, so that attention can tell where not to go
LOOK_BEHIND = 8  # tokens: so far back attention counts how long what stands there has run like what is said now
GLIMPSES = 3  # looks before the pointer is set
GLIMPSED = 320  # tokens that they look back at, no more
FOLLOWING = 4.0  # how much the first of them rather looks where what is being said was said before
NOTHING = 16  # keys of zeros that they find where nothing fits; one would do, but products of odd sizes are slow
PLACE = 16  # numbers that tell how long ago something was said
THOUGHT = 128  # numbers that stand for what is made of what the glimpses found
OTHERS = "`rnnchat models` lists the models you have"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def check_name(name: str) -> str:
    """Return `name` if a model may have it: 1 to 64 ASCII letters, digits, - and _, the first a letter or digit.

    Raises:
        UsageError: it may not.
    """
    if NAME.fullmatch(name):
        return name
    raise UsageError(f"{name[:80]!a} is no model name; use 1 to 64 letters, digits, - and _, such as my-notes")


@dataclass(frozen=True)
class Config:
    """What a model is. Raises ValueError where a value is out of range or of another type.

    Args:
        name: as check_name wants it.
        layers: recurrent (or feed-forward) layers, 1 to 8.
        hidden: units of each layer, 1 to 4,096.
        embedding: numbers that stand for a token, 1 to 2,048.
        vocabulary: ids, specials and bytes included.
        tied: the output layer is the embedding, transposed.
        memories: which kinds of memory it serves; a feed-forward network has ("none",).
        parent: the name of the checkpoint it was started from.
        tuned: numbers chosen on held-out text, such as a threshold.
        attention: width of the keys by which it finds what was said before, to repeat it; 0 is a plain network.
    """

    name: str
    unit: Unit
    cell: Cell
    layers: int
    hidden: int
    embedding: int
    vocabulary: int
    tied: bool
    memories: tuple[Memory, ...]
    parent: str | None = None
    tuned: Mapping[str, float] = field(default_factory=dict)
    attention: int = 0

    def __post_init__(self) -> None:
        _check_config(self)

    @property
    def features(self) -> int:
        """The width of what the output layer reads."""
        return self.embedding if self.tied else self.hidden


def expected_tensors(config: Config) -> dict[str, tuple[int, ...]]:
    """Return names and shapes of the tensors in weights.safetensors."""
    v, e, h, g = config.vocabulary, config.embedding, config.hidden, GATES[config.cell]
    shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (v, e)}
    for n in range(config.layers):
        i = e if n == 0 else h
        if config.cell == "feedforward":
            shapes |= {f"feedforward.{n}.weight": (h, i), f"feedforward.{n}.bias": (h,)}
        else:
            shapes |= {f"recurrent.weight_ih_l{n}": (g * h, i), f"recurrent.weight_hh_l{n}": (g * h, h)}
            shapes |= {f"recurrent.bias_ih_l{n}": (g * h,), f"recurrent.bias_hh_l{n}": (g * h,)}
    if config.attention:
        k, f = config.attention, config.features
        shapes |= {
            "before.weight": (k, h),
            "ahead.weight": (k, h),
            "query.weight": (k, f),
            "fading": (1,),
            "following": (1,),
        }
        shapes |= {"gate.weight": (1, f), "gate.bias": (1,), "stop.weight": (v, 1)}
        shapes |= later_tensors(config)
    if config.tied:
        return shapes | {"projection.weight": (e, h), "projection.bias": (e,), "output.bias": (v,)}
    return shapes | {"output.weight": (v, h), "output.bias": (v,)}


def later_tensors(config: Config) -> dict[str, tuple[int, ...]]:
    """Return those tensors that networks of before lack: they had no glimpses and read nothing where they pointed."""
    v, h, k, f = config.vocabulary, config.hidden, config.attention, config.features
    found = GLIMPSES * (k + PLACE)
    shapes = {
        "before.weight": (k, h),
        "ahead.weight": (k, h),
        "query.weight": (GLIMPSES * k, f),
        "fading": (GLIMPSES,),
        "think.weight": (THOUGHT, f + found),
        "think.bias": (THOUGHT,),
        "found_to_query.weight": (k + PLACE, found),
        "thought_to_query.weight": (k + PLACE, THOUGHT),
        "thought_to_logits.weight": (v, THOUGHT),
        "thought_to_gate.weight": (1, THOUGHT),
    }
    named = {f"glimpses.{name}": shape for name, shape in shapes.items()}
    return {"read.weight": (v, k), "read_gate.weight": (1, k), **named}


def place_rates() -> np.ndarray:
    """Return (PLACE / 2,) how fast the sines turn that tell how long ago something was said, in radians a token."""
    return (1.0 / np.geomspace(2.0, 1000.0, PLACE // 2)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A model in memory.

    Args:
        card: the text of CARD.md.
        step_graph: step.onnx. In: token int64 (batch,), hidden and (lstm) cell float32 (batch, layers, hidden).
            Out: hidden_out, (lstm) cell_out, features float32 (batch, features), (attention) key float32
            (batch, 2 * attention): what the token just read leaves for itself, and for the one LOOK_AHEAD before.
        output_graph: output.onnx. In: features float32 (batch, features), and with attention the tokens read so far:
            keys float32 (batch, slots, attention), said int64 (batch, slots), age float32 (batch, slots), how many
            tokens ago, or very many where a slot is empty; run float32 (batch, slots), see LOOK_BEHIND.
            Out: logits float32 (batch, vocabulary).
        weights: name → float32 or float16 array, as expected_tensors says; None unless asked for.
        path: where it was loaded from.
        counts: name → array, as ngram.StoredCounts lays them out; None where the model mixes none.
    """

    config: Config
    vocabulary: Vocabulary
    card: str
    step_graph: bytes
    output_graph: bytes
    weights: Weights | None = None
    path: Path | None = None
    counts: Counts | None = None

    @classmethod
    def load(cls, path: str | Path, with_weights: bool = False) -> Checkpoint:
        """Read and check a folder.

        Args:
            path: the folder.
            with_weights: also read the weights, which only training needs.

        Raises:
            ModelError: it is missing, damaged, foreign or of another version.
        """
        path = Path(path)
        for _ in range(9):
            folder = _open_folder(path)
            try:
                return _read_folder(path, folder, with_weights)
            except ModelError:
                # A save may have replaced the folder under our hands; then read the new one.
                if not _replaced(path, folder):
                    raise
            finally:
                os.close(folder)
        raise ModelError(f"{shown(path)} is replaced again and again while it is read; try again later")

    def save(self, path: str | Path) -> Path:
        """Write the folder so that a reader or a crash meets the old one or the new one; return its path.

        Raises:
            SaveError: the disk said no, or something else lives there; what was there before still is.
            ModelError, ValueError: the parts do not fit together.
        """
        from safetensors.numpy import save

        path = Path(path)
        if self.weights is None:
            raise ValueError("a checkpoint without weights cannot be saved; load it with with_weights=True")
        weights = {name: np.ascontiguousarray(array) for name, array in self.weights.items()}
        tokens = {"unit": self.vocabulary.unit, "tokens": self.vocabulary.tokens}
        files = {
            "vocabulary.json": json.dumps(tokens, ensure_ascii=False).encode(),
            "step.onnx": self.step_graph,
            "output.onnx": self.output_graph,
            "weights.safetensors": save(weights),
            "CARD.md": self.card.encode(),
        }
        if self.counts is not None:
            files["counts.safetensors"] = save({name: np.ascontiguousarray(row) for name, row in self.counts.items()})
        sums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        config = {"format": FORMAT, **asdict(self.config), "sha256": sums}
        files[MANIFEST] = json.dumps(config, indent=1).encode()
        _parse_folder(path, files)
        replace_folder(path, files, MAY_BE_ABSENT)
        return path


def _open_folder(path: Path) -> int:
    """Open the folder once, so that all files are read from the same one."""
    for _ in range(3):
        recover_folder(path)
        try:
            return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # a save on a system that cannot exchange folders is between its two renames
        except (OSError, ValueError) as error:
            reason = "it is a link, so give the folder it leads to" if os.path.islink(path) else because(error)
            raise ModelError(f"cannot open {shown(path)} as a model ({reason}); {OTHERS}") from error
    raise ModelError(f"there is no model at {shown(path)}; {OTHERS}")


def _replaced(path: Path, folder: int) -> bool:
    try:
        return not os.path.samestat(os.lstat(path), os.fstat(folder))
    except OSError:
        return False


def _read_folder(path: Path, folder: int, with_weights: bool) -> Checkpoint:
    if MANIFEST not in os.listdir(folder):
        raise ModelError(f"{shown(path)} is no model, for it holds no {MANIFEST}; {OTHERS}")
    present = set(os.listdir(folder))
    files = {MANIFEST: read_limited(path / MANIFEST, LIMITS[MANIFEST], folder)}
    _parse_manifest(path, files[MANIFEST])  # first: another version, or another program, may have other files
    for name, limit in LIMITS.items():
        if name in MAY_BE_ABSENT - present:
            continue
        if name == "weights.safetensors" and not with_weights:
            check_file(path / name, limit, folder)
        elif name != MANIFEST:
            files[name] = read_limited(path / name, limit, folder)
    return _parse_folder(path, files)


def _parse_folder(path: Path, files: Mapping[str, bytes]) -> Checkpoint:
    """Check all parts, cheapest first, and put them together."""
    config, sums = _parse_manifest(path, files[MANIFEST])
    name = MANIFEST
    try:
        for name, data in files.items():
            if name != MANIFEST and hashlib.sha256(data).hexdigest() != sums.get(name):
                raise ValueError("its sha256 is not the one in config.json")
        name = "vocabulary.json"
        vocabulary = _parse_vocabulary(files[name], config)
        name = "CARD.md"
        card = files[name].decode()
        name = "weights.safetensors"
        weights = parse_weights(files[name], expected_tensors(config), later_tensors(config)) if name in files else None
        name = "counts.safetensors"
        counts = parse_counts(files[name]) if name in files else None
        if name in sums and name not in files:
            raise ValueError("it is missing")
    except (ValueError, ModelError) as error:
        raise _damaged(path / name, error) from error
    _check_graphs(path, config, files["step.onnx"], files["output.onnx"])
    return Checkpoint(config, vocabulary, card, files["step.onnx"], files["output.onnx"], weights, path, counts)


def _parse_manifest(path: Path, data: bytes) -> tuple[Config, dict[str, str]]:
    try:
        return _parse_config(data)
    except _OtherVersion as error:
        raise ModelError(f"{shown(path)} {error}") from error
    except ValueError as error:
        raise _damaged(path / MANIFEST, error) from error


def _damaged(file: Path, error: Exception) -> ModelError:
    return ModelError(f"{shown(file)} is damaged ({error}); train it again or import it anew")


class _OtherVersion(ValueError):
    """A checkpoint of a format that this program does not know."""


def _parse_config(data: bytes) -> tuple[Config, dict[str, str]]:
    values = table_of(parse_json(data))
    version = values.get("format")
    if type(version) is int and version != FORMAT:
        advice = "update rnnchat or train it again"
        raise _OtherVersion(f"has format {version}, but this rnnchat reads format {FORMAT}; {advice}")
    if type(version) is not int:
        raise ValueError("it does not say its format, so it may be another program's")
    sums = table_of(values.get("sha256"))
    known = {name: values[name] for name in Config.__dataclass_fields__ if name in values}
    if isinstance(known.get("memories"), list):
        known["memories"] = tuple(known["memories"])
    try:
        return Config(**known), sums
    except TypeError as error:
        missing = [name for name in ("name", "unit", "cell", "memories", "tied", *RANGES) if name not in known]
        raise ValueError(f"it lacks {missing[0]}" if missing else "a value has the wrong type") from error


def _check_config(config: Config) -> None:
    for name, choices in (("unit", Unit), ("cell", Cell)):
        if getattr(config, name) not in get_args(choices):
            raise ValueError(f"{name} must be one of {', '.join(get_args(choices))}")
    for name, (low, high) in RANGES.items():
        value = getattr(config, name)
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"{name} must be a whole number from {low} to {high}")
    for name in (config.name, *([] if config.parent is None else [config.parent])):
        if type(name) is not str or not NAME.fullmatch(name):
            raise ValueError("a name must be 1 to 64 letters, digits, - and _")
    widest = 0 if config.cell == "feedforward" else MAX_ATTENTION
    if type(config.attention) is not int or not 0 <= config.attention <= widest:
        raise ValueError(f"attention must be a whole number from 0 to {widest}")
    if type(config.tied) is not bool:
        raise ValueError("tied must be true or false")
    kinds = config.memories
    allowed = ("none",) if config.cell == "feedforward" else get_args(Memory)
    if type(kinds) is not tuple or not kinds or len(set(kinds)) != len(kinds) or not set(kinds) <= set(allowed):
        raise ValueError(f"memories must be some of {', '.join(allowed)}")
    tuned = table_of(config.tuned)
    if len(tuned) > 64 or not all(NAME.fullmatch(key) and _is_number(value) for key, value in tuned.items()):
        raise ValueError("tuned must be up to 64 names with a number each")
    if 4 * sum(math.prod(shape) for shape in expected_tensors(config).values()) > LIMITS["weights.safetensors"]:
        raise ValueError("the network would be larger than 1 GiB")


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and abs(value) <= 1e9  # type: ignore[arg-type]


def _parse_vocabulary(data: bytes, config: Config) -> Vocabulary:
    values = table_of(parse_json(data))
    tokens = values.get("tokens")
    if values.get("unit") != config.unit or not isinstance(tokens, list):
        raise ValueError("it holds no tokens of the model's unit")
    if len(tokens) + FIRST_TOKEN != config.vocabulary or not all(type(token) is str for token in tokens):
        raise ValueError(f"it does not hold the {config.vocabulary - FIRST_TOKEN} tokens that config.json tells of")
    return Vocabulary(config.unit, tokens)


def _check_graphs(path: Path, config: Config, step: bytes, output: bytes) -> None:
    states = {"lstm": ["hidden", "cell"], "feedforward": []}.get(config.cell, ["hidden"])
    inputs = {"token": (INT64, 1)} | dict.fromkeys(states, (FLOAT, 3))
    features = {"features": (FLOAT, 2)}
    outputs = {f"{s}_out": (FLOAT, 3) for s in states} | features
    if config.attention:
        outputs |= {"key": (FLOAT, 2)}
        features |= {"keys": (FLOAT, 3), "said": (INT64, 2), "age": (FLOAT, 2), "run": (FLOAT, 2)}
    check_graph(step, inputs, outputs, shown(path / "step.onnx"))
    check_graph(output, features, {"logits": (FLOAT, 2)}, shown(path / "output.onnx"))
