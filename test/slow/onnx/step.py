"""Runs an exported training step once, after the official checker has passed it.

python step.py GRAPH FEEDS: the inputs as an object of flat lists by name; prints the results in the same form.
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime

graph, feeds_file = sys.argv[1:]
onnx.checker.check_model(onnx.load(graph), full_check=True)
session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
with open(feeds_file, encoding="utf8") as file:
    given = json.load(file)
kinds = {"tensor(float)": np.float32, "tensor(int32)": np.int32}
feeds = {each.name: np.array(given[each.name], dtype=kinds[each.type]).reshape(each.shape) for each in session.get_inputs()}
names = [output.name for output in session.get_outputs()]
json.dump({name: value.ravel().tolist() for name, value in zip(names, session.run(None, feeds))}, sys.stdout)
