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
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from rnnchat.config import MAX_WEIGHTS, RANGES, STATES, Config, expected_tensors
from rnnchat.errors import ModelError
from rnnchat.files import MANIFEST, because, check_file, read_limited, recover_folder, replace_folder, shown
from rnnchat.onnx_guard import FLOAT, INT64, check_graph
from rnnchat.strict_json import parse_json, table_of
from rnnchat.vocabulary import FIRST_TOKEN, Vocabulary
from rnnchat.weights import Counts, Weights, parse_counts, parse_weights

FORMAT = 1
KIB, MIB = 1 << 10, 1 << 20
LIMITS = {
    "config.json": 64 * KIB,
    "vocabulary.json": 8 * MIB,
    "step.onnx": 256 * MIB,
    "output.onnx": 256 * MIB,
    "weights.safetensors": MAX_WEIGHTS,
    "counts.safetensors": 256 * MIB,
    "CARD.md": 256 * KIB,
}
MAY_BE_ABSENT = {"counts.safetensors"}
OTHERS = "`rnnchat models` lists the models you have"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A model in memory.

    Args:
        card: the text of CARD.md.
        step_graph: step.onnx. In: token int64 (batch,), hidden and (lstm) cell float32 (batch, layers, hidden).
            Out: hidden_out, (lstm) cell_out, features float32 (batch, features), (attention) key float32
            (batch, 4 * attention): what the token just read leaves for itself, and for the one LOOK_AHEAD before,
            each for the pointer and for the glimpses.
        output_graph: output.onnx. In: features float32 (batch, features), and with attention the tokens read so far:
            keys float32 (batch, slots, 2 * attention), said int64 (batch, slots), age float32 (batch, slots), how many
            tokens ago, or very many where a slot is empty; run and echo float32 (batch, slots), see said.Said.
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
        weights = parse_weights(files[name], expected_tensors(config)) if name in files else None
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


def _parse_vocabulary(data: bytes, config: Config) -> Vocabulary:
    values = table_of(parse_json(data))
    tokens = values.get("tokens")
    if values.get("unit") != config.unit or not isinstance(tokens, list):
        raise ValueError("it holds no tokens of the model's unit")
    if len(tokens) + FIRST_TOKEN != config.vocabulary or not all(type(token) is str for token in tokens):
        raise ValueError(f"it does not hold the {config.vocabulary - FIRST_TOKEN} tokens that config.json tells of")
    return Vocabulary(config.unit, tokens)


def _check_graphs(path: Path, config: Config, step: bytes, output: bytes) -> None:
    states = STATES[config.cell]
    inputs = {"token": (INT64, 1)} | dict.fromkeys(states, (FLOAT, 3))
    features = {"features": (FLOAT, 2)}
    outputs = {f"{s}_out": (FLOAT, 3) for s in states} | features
    if config.attention:
        outputs |= {"key": (FLOAT, 2)}
        features |= {"keys": (FLOAT, 3), "said": (INT64, 2), "age": (FLOAT, 2), "run": (FLOAT, 2), "echo": (FLOAT, 2)}
    check_graph(step, inputs, outputs, shown(path / "step.onnx"))
    check_graph(output, features, {"logits": (FLOAT, 2)}, shown(path / "output.onnx"))
