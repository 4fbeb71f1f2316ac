"""A look into an ONNX file before any native code sees it.

ONNX files can name other files to read, run functions that call themselves and declare tensors far larger than the
file. This walker reads the protobuf wire format itself, knows only the fields, types and operators that our exporter
writes, and refuses everything else. It never copies or allocates tensor data. The messages it knows cannot contain
each other, so its depth is fixed (8) whatever the file holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from rnnchat.errors import ModelError

MAX_NODES = 4096
# All fields of a file together, so that a file of many tiny ones cannot keep us busy; a graph of ours has some 3,000.
MAX_FIELDS = 200_000
OPSETS = range(13, 22)
FLOAT, INT64 = 1, 7
OWN_DOMAIN = ("", "ai.onnx")

# fmt: off
OPERATORS = frozenset((
    "Add", "Cast", "Concat", "DequantizeLinear", "Gather", "Gemm", "Identity", "Log", "MatMul", "MatMulInteger", "Min",
    "Mul", "QuantizeLinear", "ReduceLogSumExp", "Reshape", "ScatterElements", "Sigmoid", "Slice", "Softmax", "Split",
    "Squeeze", "Sub", "Tanh", "Transpose", "Unsqueeze",
))
# fmt: on
# Bytes of one element, by TensorProto.DataType: float, uint8, int8, int32, int64, bool, float16. No strings.
ITEM_SIZES = {1: 4, 2: 1, 3: 1, 6: 4, 7: 8, 9: 1, 10: 2}

# Fields of each message, by number: "one" may occur once, "many" any number of times. Others are refused.
# Left out on purpose: functions, training_info, sparse and external tensors, subgraphs, references to attributes.
MODEL = {1: "one", 2: "one", 3: "one", 4: "one", 5: "one", 6: "one", 7: "one", 8: "many", 14: "many"}
GRAPH = {1: "many", 2: "one", 5: "many", 10: "one", 11: "many", 12: "many", 13: "many", 16: "many"}
NODE = {1: "many", 2: "many", 3: "one", 4: "one", 5: "many", 6: "one", 7: "one", 9: "many"}
ATTRIBUTE = {1: "one", 2: "one", 3: "one", 4: "one", 5: "one", 7: "many", 8: "many", 9: "many", 13: "one", 20: "one"}
TENSOR = {1: "many", 2: "one", 4: "many", 5: "many", 7: "many", 8: "one", 9: "one", 12: "one", 14: "one", 16: "many"}
OPSET = {1: "one", 2: "one"}
VALUE = {1: "one", 2: "one", 3: "one", 4: "many"}
TYPE = {1: "one", 6: "one"}
TENSOR_TYPE = {1: "one", 2: "one"}
SHAPE = {1: "many"}
DIMENSION = {1: "one", 2: "one", 3: "one"}

# Bytes of a value of wire type 1 and 5.
FIXED_SIZES = {1: 8, 5: 4}

Field = int | memoryview
Message = dict[int, list[Field]]
Spec = Mapping[str, tuple[int, int]]


def check_graph(data: bytes, inputs: Spec, outputs: Spec, what: str) -> None:
    """Refuse an ONNX file that is not one of ours.

    Args:
        data: the file.
        inputs: name → (TensorProto element type, rank) of exactly the inputs it must have.
        outputs: the same for its outputs.
        what: the file's name for the message.

    Raises:
        ModelError: it is damaged, or uses anything that our exporter never writes.
    """
    try:
        _Walker().check_model(memoryview(data), inputs, outputs)
    except ValueError as error:
        raise ModelError(f"{what} is damaged or foreign ({error}); train it again or import it anew") from error


class _Walker:
    """Reads one file; every fault is a ValueError that says what it is."""

    def __init__(self) -> None:
        self.fields_left = MAX_FIELDS

    def check_model(self, data: memoryview, inputs: Spec, outputs: Spec) -> None:
        model = self.parse(data, MODEL, "model")
        versions = [self.parse(_view(opset), OPSET, "opset") for opset in model.get(8, [])]
        if len(versions) != 1 or _text(versions[0], 1) not in OWN_DOMAIN or _number(versions[0], 2) not in OPSETS:
            raise ValueError(f"its operators are not ONNX's own of version {OPSETS[0]} to {OPSETS[-1]}")
        graph = self.parse(_first(model, 7), GRAPH, "graph")
        known = {self.check_tensor(_view(tensor)) for tensor in graph.get(5, [])}
        for field, spec, side in ((11, inputs, "inputs"), (12, outputs, "outputs")):
            found = [self.signature(_view(value)) for value in graph.get(field, [])]
            if len(found) != len(spec) or dict(found) != spec:
                raise ValueError(f"its {side} are not those of this network")
        for value in graph.get(13, []):
            self.signature(_view(value))
        self.check_nodes(graph.get(1, []), known | set(inputs), outputs)

    def check_nodes(self, nodes: list[Field], known: set[str], outputs: Spec) -> None:
        """Check operators, and that each node reads only what stands before it: no cycles, no open ends."""
        if len(nodes) > MAX_NODES:
            raise ValueError(f"it has more than {MAX_NODES} nodes")
        for data in nodes:
            node = self.parse(_view(data), NODE, "node")
            operator = _text(node, 4)
            if _text(node, 7) not in OWN_DOMAIN or operator not in OPERATORS:
                raise ValueError(f"it uses the operator {operator!a:.40}")
            for attribute in node.get(5, []):
                for tensor in self.parse(_view(attribute), ATTRIBUTE, "attribute").get(5, []):
                    self.check_tensor(_view(tensor))
            made = {_string(name) for name in node.get(2, [])}
            if not {_string(name) for name in node.get(1, [])} <= known | {""} or made & known:
                raise ValueError("its nodes are not in order")
            known |= made
        if not set(outputs) <= known:
            raise ValueError("nothing computes its outputs")

    def check_tensor(self, data: memoryview) -> str:
        """Check that a tensor's data is here and fills its shape; return its name."""
        tensor = self.parse(data, TENSOR, "tensor")
        kind = _number(tensor, 2)
        if _number(tensor, 14):
            raise ValueError("it takes a tensor from another file")
        if kind not in ITEM_SIZES:
            raise ValueError(f"it holds a tensor of type {kind}")
        # Python's integers do not overflow, and a negative size reads as one of at least 2^63.
        count = prod(self.numbers(tensor.get(1, [])))
        held = [field for field in (4, 5, 7, 9) if field in tensor]
        if len(held) > 1:
            raise ValueError("it holds a tensor twice")
        if not held:
            right = count == 0
        elif held == [9]:
            right = len(_first(tensor, 9)) == count * ITEM_SIZES[kind]
        elif held == [4]:
            right = kind == FLOAT and sum(len(_view(part)) for part in tensor[4]) == count * ITEM_SIZES[kind]
        else:
            right = (kind == INT64) == (held == [7]) and kind != FLOAT and len(self.numbers(tensor[held[0]])) == count
        if not right:
            raise ValueError("it holds a tensor whose data does not fill its shape")
        return _text(tensor, 8)

    def signature(self, data: memoryview) -> tuple[str, tuple[int, int]]:
        """Return name and (element type, rank) of a graph's input, output or inner value; tensors of a rank only."""
        value = self.parse(data, VALUE, "value")
        tensor = self.parse(_first(self.parse(_first(value, 2), TYPE, "type"), 1), TENSOR_TYPE, "tensor type")
        shape = self.parse(_first(tensor, 2), SHAPE, "shape").get(1, [])
        for dimension in shape:
            self.parse(_view(dimension), DIMENSION, "dimension")
        return _text(value, 1), (_number(tensor, 1), len(shape))

    def parse(self, data: memoryview, schema: Mapping[int, str], what: str) -> Message:
        """Return the fields of one message; values are numbers or views of `data`, never copies."""
        message: Message = {}
        position, end = 0, len(data)
        while position < end:
            key, position = _varint(data, position)
            number, wire = key >> 3, key & 7
            if number not in schema:
                raise ValueError(f"field {number} of a {what} is not one that we write")
            value: Field
            if wire == 0:
                value, position = _varint(data, position)
            else:
                if wire == 2:
                    length, position = _varint(data, position)
                elif wire in FIXED_SIZES:
                    length = FIXED_SIZES[wire]
                else:
                    raise ValueError(f"a {what} is written in an unknown way")
                value, position = data[position : position + length], position + length
            if position > end:
                raise ValueError("it ends too early")
            if number in message and schema[number] == "one":
                raise ValueError(f"field {number} of a {what} is there twice")
            self.count_field()
            message.setdefault(number, []).append(value)
        return message

    def numbers(self, fields: list[Field]) -> list[int]:
        """Return the numbers of a repeated field, packed or not."""
        found: list[int] = []
        for field in fields:
            if isinstance(field, int):
                found.append(field)
                continue
            position = 0
            while position < len(field):
                value, position = _varint(field, position)
                self.count_field()
                found.append(value)
        return found

    def count_field(self) -> None:
        self.fields_left -= 1
        if self.fields_left < 0:
            raise ValueError(f"it has more than {MAX_FIELDS} fields")


def _varint(data: memoryview, position: int) -> tuple[int, int]:
    """Return the number at `position` and the position after it."""
    value = shift = 0
    for byte in data[position : position + 10]:
        value |= (byte & 0x7F) << shift
        position += 1
        if byte < 0x80:
            return value, position
        shift += 7
    raise ValueError("a number in it does not end")


def _view(field: Field) -> memoryview:
    if isinstance(field, memoryview):
        return field
    raise ValueError("a number stands where something else belongs")


def _first(message: Message, field: int) -> memoryview:
    if field not in message:
        raise ValueError(f"field {field} is missing")
    return _view(message[field][0])


def _number(message: Message, field: int) -> int:
    value = message.get(field, [0])[0]
    if isinstance(value, int):
        return value
    raise ValueError("something else stands where a number belongs")


def _string(field: Field) -> str:
    return bytes(_view(field)).decode()


def _text(message: Message, field: int) -> str:
    return _string(message[field][0]) if field in message else ""
