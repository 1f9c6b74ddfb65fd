"""Checks an exported graph with the official checker, and answers rows with onnxruntime by nothing but the graph's metadata.

python predict.py GRAPH ROWS: rows as a list of objects by input; prints the answers as a list of objects by task, each a flat
list of numbers.
"""

import json
import re
import sys

import numpy as np
import onnx
import onnxruntime

graph, rows_file = sys.argv[1:]
model = onnx.load(graph)
onnx.checker.check_model(model, full_check=True)
session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
facts = session.get_modelmeta().custom_metadata_map
inputs, tasks = json.loads(facts["mtlc.inputs"]), json.loads(facts["mtlc.tasks"])
with open(rows_file, encoding="utf8") as file:
    rows = json.load(file)
batch = session.get_inputs()[0].shape[0]


def encoded(described, value):
    kind, shape = described["kind"], described["shape"]
    if kind == "category":
        return described["values"].index(value) + 1 if value in described["values"] else 0
    if kind == "tokens":
        if isinstance(value, str):
            text = value.lower() if described["tokenizer"]["lowercase"] else value
            value = re.findall(r"\w+|[^\w\s]" if described["tokenizer"]["word"] == "words" else r"(?s).", text)
        codes = [described["values"].index(t) if t in described["values"] else 1 for t in value]
        return np.array((codes + [0] * shape[0])[: shape[0]])
    return np.array(value, dtype=np.float64).reshape(shape)


answers = []
for start in range(0, len(rows), batch):
    part = rows[start : start + batch]
    feeds = {}
    for described in inputs:
        element = {"f64": np.float64, "f32": np.float32, "i32": np.int32}[described["element"]]
        values = np.zeros([batch, *described["shape"]], dtype=element)
        for at, row in enumerate(part):
            values[at] = encoded(described, row[described["name"]])
        feeds[described["name"]] = values
    results = dict(zip([output.name for output in session.get_outputs()], session.run(None, feeds)))
    for at in range(len(part)):
        answers.append({task["name"]: results[task["name"]][at].ravel().tolist() for task in tasks})
json.dump(answers, sys.stdout)
