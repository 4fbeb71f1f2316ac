"""An ONNX file that is not one of ours is refused before native code sees it, fast and whatever it holds."""

from __future__ import annotations

import os
import random
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from checkpoints import tiny_checkpoint
from rnnchat.errors import ModelError
from rnnchat.onnx_guard import FLOAT, INT64, check_graph

INPUTS = {"token": (INT64, 1), "hidden": (FLOAT, 3), "cell": (FLOAT, 3)}
OUTPUTS = {"hidden_out": (FLOAT, 3), "cell_out": (FLOAT, 3), "features": (FLOAT, 2)}
GOOD = tiny_checkpoint().step_graph


def check(data: bytes) -> None:
    check_graph(data, INPUTS, OUTPUTS, "step.onnx")


def model() -> ModelProto:
    parsed = ModelProto()
    parsed.ParseFromString(GOOD)
    return parsed


def refused(data: bytes) -> str:
    with pytest.raises(ModelError, match=r"^step\.onnx is damaged or foreign \(.+\); train it again") as error:
        check(data)
    return str(error.value)


def test_the_graphs_that_we_write_pass() -> None:
    check(GOOD)


def test_typed_tensor_data_is_counted() -> None:
    good = model()
    for kind, values in (
        (TensorProto.FLOAT, [1.5, 2]),
        (TensorProto.INT8, [-1, 3]),
        (TensorProto.INT64, [-1, 1 << 40]),
    ):
        good.graph.initializer.append(helper.make_tensor(f"more{kind}", kind, [2], values))
    check(good.SerializeToString())
    for tensor in good.graph.initializer[-3:]:
        short = ModelProto()
        short.CopyFrom(good)
        next(t for t in short.graph.initializer if t.name == tensor.name).dims[0] = 3
        assert "does not fill" in refused(short.SerializeToString())


@pytest.mark.parametrize("location", ["../x", "/etc/passwd", "pipe", "", "*/_ORT_MEM_ADDR_/*"])
@pytest.mark.parametrize("in_attribute", [False, True])
def test_external_data_is_refused_and_never_opened(location: str, in_attribute: bool, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # to open it would hang the test
    bad = model()
    tensor = bad.graph.initializer[0]
    if in_attribute:
        tensor = bad.graph.node[0].attribute.add(name="value", type=4).t
        tensor.CopyFrom(bad.graph.initializer[0])
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    if location:
        tensor.external_data.add(key="location", value=str(tmp_path / location) if location == "pipe" else location)
    refused(bad.SerializeToString())


def operator(name: str, domain: str = "") -> Callable[[ModelProto], None]:
    def spoil(bad: ModelProto) -> None:
        bad.graph.node[0].op_type, bad.graph.node[0].domain = name, domain

    return spoil


def subgraph(bad: ModelProto) -> None:
    bad.graph.node[0].attribute.add(name="body", type=5).g.name = "inner"


def function(bad: ModelProto) -> None:
    bad.functions.add(name="f", domain="ours").node.append(helper.make_node("f", ["x"], ["y"], domain="ours"))


def many_nodes(bad: ModelProto) -> None:
    bad.graph.node.extend(helper.make_node("Identity", ["token"], [f"more{i}"]) for i in range(4097))


def cycle(bad: ModelProto) -> None:
    bad.graph.node.append(helper.make_node("Identity", ["b"], ["a"]))
    bad.graph.node.append(helper.make_node("Identity", ["a"], ["b"]))


def made_twice(bad: ModelProto) -> None:
    bad.graph.node.append(bad.graph.node[-1])


def unmade_output(bad: ModelProto) -> None:
    del bad.graph.node[-1]


def wrong_name(bad: ModelProto) -> None:
    bad.graph.input[0].name = "tokens"


def input_twice(bad: ModelProto) -> None:
    bad.graph.input.append(bad.graph.input[0])


def wrong_rank(bad: ModelProto) -> None:
    bad.graph.input[1].type.tensor_type.shape.dim.add(dim_value=1)


def no_rank(bad: ModelProto) -> None:
    bad.graph.output[0].type.tensor_type.ClearField("shape")


def wrong_type(bad: ModelProto) -> None:
    bad.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT


def sequence(bad: ModelProto) -> None:
    bad.graph.output[0].type.sequence_type.elem_type.tensor_type.elem_type = 1


def opset(version: int, domain: str = "") -> Callable[[ModelProto], None]:
    def spoil(bad: ModelProto) -> None:
        bad.opset_import[0].version, bad.opset_import[0].domain = version, domain

    return spoil


def two_opsets(bad: ModelProto) -> None:
    bad.opset_import.add(domain="com.microsoft", version=1)


def strings(bad: ModelProto) -> None:
    bad.graph.initializer.append(TensorProto(name="s", data_type=TensorProto.STRING, dims=[1], string_data=[b"x"]))


def sparse(bad: ModelProto) -> None:
    bad.graph.sparse_initializer.add().dims.append(5)


def shape(*sizes: int) -> Callable[[ModelProto], None]:
    def spoil(bad: ModelProto) -> None:
        bad.graph.initializer[0].ClearField("dims")
        bad.graph.initializer[0].dims.extend(sizes)

    return spoil


def twice_the_data(bad: ModelProto) -> None:
    bad.graph.initializer[0].float_data.append(1.0)


def no_graph(bad: ModelProto) -> None:
    bad.ClearField("graph")


SPOILERS = {
    "custom domain": operator("Gemm", "com.evil"),
    "microsoft domain": operator("Gemm", "com.microsoft"),
    "If": operator("If"),
    "Loop": operator("Loop"),
    "Scan": operator("Scan"),
    "ConstantOfShape": operator("ConstantOfShape"),
    "escape sequence": operator("\x1b[2J\u202e"),
    "opset 999": opset(999),
    "opset 12": opset(12),
    "opset domain": opset(17, "com.evil"),
    "2^40": shape(1 << 40),
    "2^62 x 2^62": shape(1 << 62, 1 << 62),
    "negative": shape(-1, -4),
    "rank 100": shape(*[1] * 100),
} | {
    spoil.__name__: spoil
    for spoil in (
        subgraph,
        function,
        many_nodes,
        cycle,
        made_twice,
        unmade_output,
        wrong_name,
        input_twice,
        wrong_rank,
        no_rank,
        wrong_type,
        sequence,
        two_opsets,
        strings,
        sparse,
        twice_the_data,
        no_graph,
    )
}


@pytest.mark.parametrize("spoil", SPOILERS.values(), ids=SPOILERS.keys())
def test_what_our_exporter_never_writes_is_refused(spoil: Callable[[ModelProto], None]) -> None:
    bad = model()
    spoil(bad)
    assert refused(bad.SerializeToString()).isprintable()


@pytest.mark.parametrize("data", [b"", b"no model", b"\x80" * 20, b"\xff" * 11, b"\x3a\xff\xff\xff\xff\x0f", b"{}"])
def test_what_is_no_onnx_is_refused(data: bytes) -> None:
    refused(data)


def test_every_truncation_is_refused() -> None:
    for part in range(64):
        refused(GOOD[: len(GOOD) * part // 64])


def test_a_tensor_that_declares_a_terabyte_costs_nothing() -> None:
    bad = model()
    shape(1 << 40)(bad)
    data = bad.SerializeToString()
    before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    refused(data)
    assert time.perf_counter() - begin < 0.2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # KiB


@pytest.mark.parametrize("tail", [b"\x3a\x00", b"\x72\x00"], ids=["graphs", "notes"])
def test_millions_of_tiny_fields_are_refused_soon(tail: bytes) -> None:
    begin = time.perf_counter()
    refused(GOOD + tail * 2_000_000)
    assert time.perf_counter() - begin < 5


def test_large_tensors_are_skipped_not_read() -> None:
    large = model()
    large.graph.initializer.append(TensorProto(name="large", data_type=3, dims=[1 << 24], raw_data=bytes(1 << 24)))
    data = large.SerializeToString()
    begin = time.perf_counter()
    check(data)
    assert time.perf_counter() - begin < 0.5


def test_any_mutation_passes_or_is_refused() -> None:
    source = random.Random(7)
    for _ in range(600):
        data = bytearray(GOOD)
        for _ in range(source.randint(1, 4)):
            place = source.randrange(len(data))
            match source.randrange(3):
                case 0:
                    data[place] ^= 1 << source.randrange(8)
                case 1:
                    del data[place : place + source.randint(1, 9)]
                case _:
                    data[place:place] = source.randbytes(source.randint(1, 9))
        try:
            check(bytes(data))
        except ModelError as error:
            assert str(error).isprintable()


def test_the_tiny_graph_is_what_onnx_itself_takes_for_valid() -> None:
    import onnx.checker

    onnx.checker.check_model(model(), full_check=True)
    assert numpy_helper.to_array(model().graph.initializer[0]).shape == (292, 4)
