"""Trains every twin whose folder is given: `run.py table=FOLDER …`; each folder then holds `twin.json`."""

import importlib
import json
import sys

import torch

torch.set_num_threads(1)
for argument in sys.argv[1:]:
    name, folder = argument.split("=", 1)
    result = importlib.import_module(name).train(folder)
    with open(f"{folder}/twin.json", "w") as file:
        json.dump(result, file)
