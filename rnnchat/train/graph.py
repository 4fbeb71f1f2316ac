"""Writing an ONNX graph node by node, in single precision or int8."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Array = npt.NDArray[np.float32]

OPSET, IR_VERSION = 18, 9
ZERO_POINT = 128  # activations are uint8 around it: the kernels multiply uint8 by int8
HIDDEN_SCALE = 1.0 / 127.0  # tanh and gated tanh lie in -1..1


@dataclass
class Graph:
    """Nodes and constants gathered on the way; `int8` decides how `multiply` is written."""

    int8: bool
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, npt.NDArray[np.generic]] = field(default_factory=dict)
    count: int = 0

    def add(self, operator: str, *inputs: str, output: str | None = None, **attributes: int | str | list[int]) -> str:
        """Append a node with one output and return that output's name."""
        return self.split(operator, inputs, 1, output, **attributes)[0]

    def split(
        self,
        operator: str,
        inputs: tuple[str, ...],
        parts: int,
        output: str | None = None,
        **attributes: int | str | list[int],
    ) -> list[str]:
        """Append a node with several outputs and return their names."""
        self.count += 1
        outputs = [output] if output else [f"{operator.lower()}_{self.count}_{part}" for part in range(parts)]
        self.nodes.append(
            helper.make_node(operator, list(inputs), outputs, name=outputs[0], **dict[str, Any](attributes))
        )
        return outputs

    def constant(self, name: str, value: npt.ArrayLike, kind: npt.DTypeLike = np.float32) -> str:
        self.constants[name] = np.asarray(value, kind)
        return name

    def quantize(self, values: str, scale: float) -> str:
        """Return float values as uint8 of a fixed scale; int8 graphs only."""
        zero = self.constant("zero_point", ZERO_POINT, np.uint8)
        return self.add("QuantizeLinear", values, self.constant(f"scale_{scale:.9g}", scale), zero)

    def multiply(self, values: str, scale: float, name: str, weight: Array) -> str:
        """Return values (batch, I) times the transpose of weight (O, I)."""
        if not self.int8:
            return self.add("MatMul", values, self.constant(name, weight.T))
        return self.multiply_quantized(self.quantize(values, scale), scale, name, weight)

    def multiply_quantized(self, values: str, scale: float, name: str, weight: Array) -> str:
        steps = np.maximum(np.abs(weight).max(axis=1), 1e-8) / 127.0  # (O,)
        whole = np.clip(np.rint(weight / steps[:, None]), -127, 127)
        zero = self.constant("zero_point", ZERO_POINT, np.uint8)
        product = self.add("MatMulInteger", values, self.constant(name, whole.T, np.int8), zero)
        product = self.add("Cast", product, to=TensorProto.FLOAT)
        return self.add("Mul", product, self.constant(f"{name}_steps", steps * scale))

    def model(self, name: str, inputs: dict[str, list[str | int]], outputs: dict[str, list[str | int]]) -> bytes:
        """Return the serialised model; all inputs and outputs are float but tokens."""

        def infos(shapes: dict[str, list[str | int]]) -> list[onnx.ValueInfoProto]:
            kinds = {"token": TensorProto.INT64, "said": TensorProto.INT64}
            return [helper.make_tensor_value_info(n, kinds.get(n, TensorProto.FLOAT), s) for n, s in shapes.items()]

        constants = [numpy_helper.from_array(np.ascontiguousarray(value), key) for key, value in self.constants.items()]
        graph = helper.make_graph(self.nodes, name, infos(inputs), infos(outputs), constants)
        opset = [helper.make_opsetid("", OPSET)]
        made = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION, producer_name="rnnchat")
        return bytes(made.SerializeToString())
