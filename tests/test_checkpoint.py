"""A checkpoint comes back as it was saved; anything damaged, foreign or hostile is one clear sentence."""

from __future__ import annotations

import ast
import hashlib
import json
import math
import os
import random
import shutil
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from checkpoints import CHARACTERS, tiny_checkpoint
from rnnchat.checkpoint import Checkpoint
from rnnchat.config import Cell, Config, check_name, expected_tensors
from rnnchat.errors import ModelError, SaveError, UsageError
from rnnchat.files import replace_folder
from rnnchat.vocabulary import Unit

FILES = ("config.json", "vocabulary.json", "step.onnx", "output.onnx", "weights.safetensors", "CARD.md")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny_checkpoint().save(tmp_path / "tiny")


def refused(path: str | Path, with_weights: bool = False) -> str:
    """Load, and return the one sentence of the refusal."""
    begin = time.perf_counter()
    with pytest.raises(ModelError) as error:
        Checkpoint.load(path, with_weights)
    assert time.perf_counter() - begin < 5
    message = str(error.value)
    assert message.isprintable() and len(message) < 700
    return message


def seal(folder: Path) -> None:
    """Write the sha256 of all files into config.json, as a hostile author would."""
    config = json.loads((folder / "config.json").read_text())
    config["sha256"] = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES[1:]}
    (folder / "config.json").write_text(json.dumps(config))


def configure(folder: Path, **changes: Any) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn", "feedforward"])
@pytest.mark.parametrize("unit", ["char", "word"])
@pytest.mark.parametrize("tied", [True, False])
def test_what_is_saved_comes_back(cell: Cell, unit: Unit, tied: bool, tmp_path: Path) -> None:
    saved = tiny_checkpoint(cell, unit, tied=tied)
    assert saved.save(tmp_path / "tiny") == tmp_path / "tiny"
    assert sorted(os.listdir(tmp_path / "tiny")) == sorted(FILES)
    light = Checkpoint.load(tmp_path / "tiny")
    assert light.weights is None and light.path == tmp_path / "tiny"
    assert (light.config, light.vocabulary, light.card) == (saved.config, saved.vocabulary, saved.card)
    assert (light.step_graph, light.output_graph) == (saved.step_graph, saved.output_graph)
    full = Checkpoint.load(str(tmp_path / "tiny"), with_weights=True)
    assert full.weights is not None and saved.weights is not None
    assert {name: array.shape for name, array in full.weights.items()} == expected_tensors(saved.config)
    for name, array in saved.weights.items():
        np.testing.assert_array_equal(full.weights[name], array)
    for graph in (light.step_graph, light.output_graph):
        onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])


def test_half_precision_stays_half(tmp_path: Path) -> None:
    tiny = tiny_checkpoint()
    assert tiny.weights is not None
    half = {name: array.astype(np.float16).T.copy().T for name, array in tiny.weights.items()}
    replace(tiny, weights=half).save(tmp_path / "tiny")
    back = Checkpoint.load(tmp_path / "tiny", with_weights=True).weights
    assert back is not None
    for name, array in half.items():
        assert back[name].dtype == np.float16 and back[name].flags.writeable
        np.testing.assert_array_equal(back[name], array)


def test_inference_never_reads_the_weights(folder: Path) -> None:
    size = (folder / "weights.safetensors").stat().st_size
    (folder / "weights.safetensors").write_bytes(bytes(size))
    assert Checkpoint.load(folder).weights is None
    assert "sha256" in refused(folder, with_weights=True)


def test_what_cannot_be_loaded_is_not_saved(tmp_path: Path) -> None:
    tiny = tiny_checkpoint()
    assert tiny.weights is not None
    bad = dict(tiny.weights) | {"output.bias": np.full(tiny.config.vocabulary, np.nan, np.float32)}
    with pytest.raises(ModelError):
        replace(tiny, weights=bad).save(tmp_path / "tiny")
    with pytest.raises(ModelError):
        replace(tiny, step_graph=b"").save(tmp_path / "tiny")
    with pytest.raises(ValueError, match="without weights"):
        replace(tiny, weights=None).save(tmp_path / "tiny")
    assert os.listdir(tmp_path) == []


def test_saving_into_a_folder_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "thesis.txt").write_text("x")
    with pytest.raises(SaveError, match="no part of a model"):
        tiny_checkpoint().save(tmp_path / "docs")
    assert os.listdir(tmp_path / "docs") == ["thesis.txt"]


CONFIGS: dict[str, bytes | None] = {
    "1 missing": None,
    "2 empty": b"",
    "3 {}": b"{}",
    "4 []": b"[]",
    "5 null": b"null",
    "13 digits": b'{"format": ' + b"1" * 5000 + b"}",
    "14 depth": b"[" * 60_000,
    "14 depth of tables": b'{"a":' * 12_000,
    "15 size": b" " * (64 * 1024 + 1),
    "6 BOM": b'\xef\xbb\xbf{"format": 1}',
    "7 UTF-16": '{"format": 1}'.encode("utf-16"),
    "8 bad UTF-8": b'{"format": 1, "name": "\xff"}',
}


@pytest.mark.parametrize("data", CONFIGS.values(), ids=CONFIGS.keys())
def test_bad_config_files(data: bytes | None, folder: Path) -> None:
    (folder / "config.json").unlink()
    if data is not None:
        (folder / "config.json").write_bytes(data)
    assert "config.json" in refused(folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("}", "}}"),
        ('"format": 1', '"format": 1, "format": 1'),
        ('"threshold": 0.25', '"threshold": NaN'),
        ('"threshold": 0.25', '"threshold": -Infinity'),
        ('"threshold": 0.25', '"threshold": 1e999'),
        ('"threshold": 0.25', '"threshold": 99999999999999999999'),
        ('"threshold": 0.25', '"threshold": true'),
        ('"threshold"', '"\\ud800"'),
    ],
)
def test_json_is_read_strictly(old: str, new: str, folder: Path) -> None:
    text = (folder / "config.json").read_text()
    assert old in text
    (folder / "config.json").write_text(new.join(text.rsplit(old, 1)))
    assert "config.json is damaged" in refused(folder)


VALUES: dict[str, list[Any]] = {
    "format": [True, "1", 1.0, None, [1]],
    "layers": [True, 0, -1, 9, 10**9, 1.0, "2", None, [], {}, 1 << 63],
    "hidden": [0, 4097, 6.0, "128", 7],
    "embedding": [0, 2049, 1.5, 5],
    "vocabulary": [0, 259, 291, 293, 10**9, "292"],
    "unit": ["byte", "word", None, 1, []],
    "cell": ["transformer", "", None, {}, ["lstm"]],
    "tied": [1, 0, "true", None],
    "memories": [[], "full", ["all"], ["full", "full"], [["full"]], [1], None, {"full": 1}],
    "name": ["", "a/b", "..", "a\0", "\x1b[2J", "\u202e", "a" * 65, "a\n", "é", 7, None, []],
    "parent": ["", "../x", 7, ["tiny"]],
    "tuned": [None, [], {"a": "1"}, {"a": [1]}, {"\x1b": 1}, {f"n{i}": 1 for i in range(65)}],
    "sha256": [None, {}, [], "abc", {"step.onnx": 7}],
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in VALUES.items() for value in values])
def test_bad_values_in_the_config(key: str, value: Any, folder: Path) -> None:
    configure(folder, **{key: value})
    refused(folder, with_weights=True)


@pytest.mark.parametrize("key", ["format", "name", "unit", "cell", "layers", "tied", "memories", "sha256"])
def test_a_config_without_a_needed_key(key: str, folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    del config[key]
    (folder / "config.json").write_text(json.dumps(config))
    assert "config.json is damaged" in refused(folder)


def test_a_network_too_large_is_refused_before_anything_is_allocated(folder: Path) -> None:
    configure(folder, layers=8, hidden=4096, embedding=2048)
    assert "larger than 1 GiB" in refused(folder)


def test_another_format_is_named(folder: Path) -> None:
    configure(folder, format=2)
    assert "format 2" in refused(folder) and "update rnnchat" in refused(folder)


def test_unknown_keys_and_files_are_ignored(folder: Path) -> None:
    configure(folder, colour="green")
    os.mkfifo(folder / "unknown")
    assert Checkpoint.load(folder).config.name == "tiny"


@pytest.mark.parametrize("damage", ["upper", "short", "other"])
@pytest.mark.parametrize("name", FILES[1:])
def test_checksums_find_damage(name: str, damage: str, folder: Path) -> None:
    sums = json.loads((folder / "config.json").read_text())["sha256"]
    wrong = {"upper": sums[name].upper() + "A", "short": sums[name][:40], "other": hashlib.sha256(b"").hexdigest()}
    configure(folder, sha256=sums | {name: wrong[damage]})
    assert name in refused(folder, with_weights=True)


REST = list(CHARACTERS[1:])
TOKENS: dict[str, tuple[Any, str]] = {
    "31 no list": (None, "holds no tokens"),
    "32 object": ({"a": 1}, "holds no tokens"),
    "33 empty": ([], "does not hold the 33 tokens"),
    "34 one entry": (["a"], "does not hold the 33 tokens"),
    "35 duplicate": (["a", *REST], "twice"),
    "36 number": ([7, *REST], "does not hold the 33 tokens"),
    "36 deep list": ([json.loads("[" * 900 + "]" * 900), *REST], "does not hold the 33 tokens"),
    "37 empty token": (["", *REST], "no token"),
    "38 long token": (["x" * 65, *REST], "no token"),
    "39 too many": (["a"] * 200_001, "does not hold the 33 tokens"),
    "40 surrogate": (["\ud800", *REST], "no text contains"),
}


@pytest.mark.parametrize(("tokens", "reason"), TOKENS.values(), ids=TOKENS.keys())
def test_bad_vocabularies(tokens: Any, reason: str, folder: Path) -> None:
    (folder / "vocabulary.json").write_text(json.dumps({"unit": "char", "tokens": tokens}))
    seal(folder)
    message = refused(folder)
    assert "vocabulary.json is damaged" in message and reason in message


def test_control_characters_may_be_tokens(folder: Path) -> None:
    # A text may hold them, and joined bytes can form them anyway: whoever prints cleans.
    (folder / "vocabulary.json").write_text(json.dumps({"unit": "char", "tokens": ["\x1b", *REST]}))
    seal(folder)
    assert Checkpoint.load(folder).vocabulary.tokens[0] == "\x1b"


def rewrite(header: Callable[[dict[str, Any]], Any], tail: bytes = b"") -> Callable[[bytes], bytes]:
    """Return a change of a safetensors file: of its header, and of what comes after the data."""

    def change(data: bytes) -> bytes:
        length = int.from_bytes(data[:8], "little")
        table = json.loads(data[8 : 8 + length])
        table = header(table) or table
        text = table if isinstance(table, bytes) else json.dumps(table).encode()
        return len(text).to_bytes(8, "little") + text + data[8 + length :] + tail

    return change


def entry(**changes: Any) -> Callable[[bytes], bytes]:
    return rewrite(lambda table: table["output.bias"].update(changes))


def length(value: int) -> Callable[[bytes], bytes]:
    return lambda data: value.to_bytes(8, "little") + data[8:]


def double(table: dict[str, Any]) -> bytes:
    return b'{"output.bias": {}, ' + json.dumps(table).encode()[1:]


def values(number: float) -> Callable[[bytes], bytes]:
    return lambda data: data[:-4] + np.float32(number).tobytes()


WEIGHTS: dict[str, Callable[[bytes], bytes]] = {
    "46 empty": lambda data: b"",
    "47 7 bytes": lambda data: data[:7],
    "48 length 0": length(0),
    "49 length 1": length(1),
    "50 length 2^63": length(1 << 63),
    "51 length of more than the file": length(1 << 17),
    "52 length over the cap": lambda data: (300_000).to_bytes(8, "little") + data[8:] + bytes(400_000),
    "53 no table": lambda data: data[:8] + b"[" + data[9:],
    "54 bad JSON": rewrite(lambda table: b"{]"),
    "55 duplicate": rewrite(double),
    "56 unknown type": entry(dtype="F33"),
    "56 type is a list": entry(dtype=["F32"]),
    "57 F64": entry(dtype="F64"),
    "58 BOOL": entry(dtype="BOOL"),
    "59 negative": entry(shape=[-292]),
    "60 overflow": entry(shape=[1 << 62, 1 << 62]),
    "61 rank 100": entry(shape=[1] * 100),
    "61 real shape": entry(shape=[292.0]),
    "62 no rank": entry(shape=[]),
    "63 begin after end": entry(data_offsets=[99, 1]),
    "63 negative begin": entry(data_offsets=[-1, 1167]),
    "63 three offsets": entry(data_offsets=[0, 1, 2]),
    "63 true": entry(data_offsets=[False, True]),
    "64 overlap": entry(data_offsets=[0, 292 * 4]),
    "65 hole": lambda data: rewrite(shift)(data + b"\0\0\0\0"),
    "66 trailing byte": rewrite(lambda table: None, b"\0"),
    "66 cut": lambda data: data[:-1],
    "67 missing": rewrite(lambda table: {name: table[name] for name in list(table)[1:]}),
    "68 extra": rewrite(lambda table: table | {"x": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}}),
    "68 extra key": entry(more=1),
    "68 entry is a list": rewrite(lambda table: table | {"output.bias": []}),
    "69 many": rewrite(lambda table: table | {f"t{i}": table["output.bias"] for i in range(3000)}),
    "70 NaN": values(math.nan),
    "70 infinity": values(math.inf),
    "notes": rewrite(lambda table: table | {"__metadata__": {"a": 1}}),
    "many notes": rewrite(lambda table: table | {"__metadata__": {f"n{i}": "" for i in range(65)}}),
}


def shift(table: dict[str, Any]) -> None:
    for value in table.values():
        value["data_offsets"] = [place + 4 for place in value["data_offsets"]]


@pytest.mark.parametrize("change", WEIGHTS.values(), ids=WEIGHTS.keys())
def test_bad_weights(change: Callable[[bytes], bytes], folder: Path) -> None:
    path = folder / "weights.safetensors"
    path.write_bytes(change(path.read_bytes()))
    seal(folder)
    assert "weights.safetensors is damaged" in refused(folder, with_weights=True)


def test_tiny_values_and_notes_are_fine(folder: Path) -> None:
    path = folder / "weights.safetensors"
    notes = rewrite(lambda table: table | {"__metadata__": {"format": "pt"}})
    path.write_bytes(values(1e-44)(notes(path.read_bytes())))
    seal(folder)
    assert Checkpoint.load(folder, with_weights=True).weights is not None


@pytest.mark.parametrize("name", ["step.onnx", "output.onnx"])
def test_graphs_of_another_network_are_refused(name: str, folder: Path) -> None:
    other = tiny_checkpoint("gru")
    (folder / name).write_bytes(other.step_graph)
    seal(folder)
    assert f"{name} is damaged or foreign" in refused(folder)


def test_things_that_are_no_folder(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "dangling").symlink_to("nothing")
    (tmp_path / "root").symlink_to("/")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").mkdir()
    names = ["file", "dangling", "root", "loop", "pipe", "empty", "absent", "nul\0", "y" * 4097, "\udcff", "\x1b[2J"]
    for name in names:
        refused(tmp_path / name)
    refused("/dev/zero")
    refused("")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["missing", "link", "loop", "pipe", "socket", "folder", "sparse", "device"])
def test_children_that_are_no_plain_files(name: str, kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / name
    path.rename(folder.parent / name)
    match kind:
        case "link":
            path.symlink_to(folder.parent / name)
        case "loop":
            path.symlink_to(name)
        case "pipe":
            os.mkfifo(path)
        case "socket":
            monkeypatch.chdir(folder)  # a socket's path is at most 107 bytes
            socket.socket(socket.AF_UNIX).bind(name)
        case "folder":
            path.mkdir()
        case "sparse":
            with path.open("wb") as file:
                file.truncate(1 << 40)
        case "device":
            path.symlink_to("/dev/zero")
    assert name in refused(folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_without_the_right_to_read(folder: Path) -> None:
    for path in (folder / "step.onnx", folder):
        path.chmod(0)
        assert "permission denied" in refused(folder)
        path.chmod(0o700)


def test_a_folder_replaced_while_it_is_read_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tiny_checkpoint(name="old").save(tmp_path / "m")
    files = {name: (tiny_checkpoint(name="new").save(tmp_path / "n") / name).read_bytes() for name in FILES}
    real, reads = os.read, []

    def read(file: int, count: int) -> bytes:
        reads.append(1)
        if len(reads) == 3:
            replace_folder(path, files)
        return real(file, count)

    monkeypatch.setattr(os, "read", read)
    assert Checkpoint.load(path).config.name == "new"


def test_a_folder_deleted_while_it_is_read_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.read

    def read(file: int, count: int) -> bytes:
        shutil.rmtree(folder, ignore_errors=True)
        return real(file, count)

    monkeypatch.setattr(os, "read", read)
    refused(folder)


def test_a_pickle_by_any_name_is_not_run(folder: Path, tmp_path: Path) -> None:
    bomb = f"cposix\nsystem\n(S'touch {tmp_path}/ran'\ntR.".encode()
    for name in FILES:
        kept = (folder / name).read_bytes()
        (folder / name).write_bytes(bomb)
        if name != "config.json":
            seal(folder)
        if name != "CARD.md":  # there it is a text like any other
            refused(folder, with_weights=True)
        (folder / name).write_bytes(kept)
    assert not (tmp_path / "ran").exists()


def test_any_mutation_is_a_checkpoint_or_a_refusal(folder: Path) -> None:
    source = random.Random(11)
    for number in range(300):
        name = FILES[number % len(FILES)]
        kept = (folder / name).read_bytes()
        data = bytearray(kept)
        for _ in range(source.randint(1, 3)):
            place = source.randrange(min(len(data), 1500))
            data[place : place + source.randrange(3)] = source.randbytes(source.randrange(3))
        (folder / name).write_bytes(data)
        config = (folder / "config.json").read_bytes()
        if name != "config.json":
            seal(folder)
        try:
            Checkpoint.load(folder, with_weights=True)
        except ModelError as error:
            assert str(error).isprintable()
        (folder / "config.json").write_bytes(config)
        (folder / name).write_bytes(kept)
    Checkpoint.load(folder, with_weights=True)


def test_names() -> None:
    for name in ("everyday", "my-notes_2", "A" * 64, "7"):
        assert check_name(name) == name
    for name in ("", "-x", "_x", ".x", "a b", "a/b", "a\n", "é", "A" * 65, "\x1b[2J"):
        with pytest.raises(UsageError) as error:
            check_name(name)
        assert str(error.value).isprintable()


def test_a_feedforward_network_has_no_memory() -> None:
    config = tiny_checkpoint("feedforward").config
    assert config.memories == ("none",)
    with pytest.raises(ValueError, match="memories"):
        replace(config, memories=("full",))


def test_features_are_what_the_output_layer_reads() -> None:
    tied = tiny_checkpoint().config
    assert tied.features == tied.embedding == 4
    untied: Config = replace(tied, tied=False)
    assert untied.features == untied.hidden == 6


def test_no_module_uses_what_can_run_code_from_a_file() -> None:
    banned_modules = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal", "cloudpickle"}
    banned_calls = {"eval", "exec", "torch.load", "torch.save", "np.load", "numpy.load", "np.save", "torch.hub.load"}
    for path in Path(__file__).parents[1].joinpath("rnnchat").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names: set[str] = set()
            if isinstance(node, ast.Import):
                names = {alias.name.split(".")[0] for alias in node.names} & banned_modules
            elif isinstance(node, ast.ImportFrom):
                names = {(node.module or "").split(".")[0]} & banned_modules
                names |= {f"{node.module}.{alias.name}" for alias in node.names} & banned_calls
            elif isinstance(node, ast.Call):
                names = {ast.unparse(node.func)} & banned_calls
            assert not names, f"{path}:{getattr(node, 'lineno', 0)} uses {names}"
