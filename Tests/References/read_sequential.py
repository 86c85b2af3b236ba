"""Loads the file of a model of layers into Keras, and compares Keras's predictions with those of chargen.

    pip install keras==3.15.1 jax numpy safetensors
    swift test -c release --filter SequentialFileTests    # with CHARGEN_KERAS_FILES=FOLDER, writes files to compare
    python Tests/References/read_sequential.py FOLDER

Each file in the folder, `NAME.safetensors`, has the tensors of an input and of the output that chargen computes for it beside
it, in `NAME.json`. Fails where a number differs by more than 1e-5.
"""
import json
import os
import pathlib
import sys

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from safetensors import safe_open


def load(path):
    """The model of `path`, built from the layers in the metadata."""
    with safe_open(path, "np") as file:
        described = json.loads(file.metadata()["chargen.sequential"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    size = described.get("input_size")
    reads_tokens = size is None
    model = keras.Sequential([keras.layers.deserialize(layer) for layer in described["layers"]])
    model.build((None, None) if reads_tokens else (None, None, size))
    # The names of the layers count from zero in each model; Keras counts in the whole process.
    counts, weights = {}, []
    for layer in model.layers:
        kind = keras.src.utils.naming.to_snake_case(type(layer).__name__)
        name = kind if counts.setdefault(kind, 0) == 0 else f"{kind}_{counts[kind]}"
        counts[kind] += 1
        for weight in layer.weights:
            parts = [part for part in weight.path.split("/") if not part.endswith("_cell")]
            inner = [part for part in parts[1:] if part in ("kernel", "recurrent_kernel", "bias", "embeddings")
                     or part.startswith(("forward_", "backward_"))]
            inner = [strip_number(part) for part in inner]
            weights.append(tensors.pop("/".join([name] + inner)))
    assert not tensors, list(tensors)
    model.set_weights(weights)
    return model


def strip_number(part):
    """`forward_lstm_3` without the number that Keras counts in the process."""
    head, _, tail = part.rpartition("_")
    return head if tail.isdigit() else part


worst = 0
files = sorted(pathlib.Path(sys.argv[1]).glob("*.safetensors"))
for path in files:
    case = json.loads(path.with_suffix(".json").read_text())
    given, expected = (np.array(case[key]["values"]).reshape(case[key]["shape"]) for key in ("input", "output"))
    model = load(path)
    given = given.astype(np.int32 if case["tokens"] else np.float32)
    result = model(given)
    found = np.asarray(result[0] if isinstance(result, (list, tuple)) else result)
    difference = np.abs(found - expected).max()
    print(f"{path.name}: {[type(layer).__name__ for layer in model.layers]}: {difference:.2e}")
    worst = max(worst, difference)
print(f"{len(files)} files, outputs differ by {worst:.2e} at most")
if not files or worst > 1e-5:
    sys.exit("they differ")
