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


def load(path, shape):
    """The model of `path`, built from the layers in the metadata for inputs of `shape`."""
    with safe_open(path, "np") as file:
        described = json.loads(file.metadata()["chargen.sequential"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    model = keras.Sequential([keras.layers.deserialize(layer) for layer in described["layers"]])
    model.build(shape)
    # The names of the layers count from zero in each model; Keras counts in the whole process.
    counts, weights = {}, []
    for layer in model.layers:
        name = kind(layer)
        counts[name] = counts.get(name, -1) + 1
        name += f"_{counts[name]}" if counts[name] else ""
        parts = {name: layer}
        if isinstance(layer, keras.layers.Bidirectional):
            parts = {f"{name}/forward_{kind(layer.forward_layer)}": layer.forward_layer,
                     f"{name}/backward_{kind(layer.backward_layer)}": layer.backward_layer}
        weights += [tensors.pop(f"{prefix}/{weight.name}") for prefix, part in parts.items() for weight in part.weights]
    assert not tensors, list(tensors)
    model.set_weights(weights)
    return model


def kind(layer):
    return keras.src.utils.naming.to_snake_case(type(layer).__name__)


worst = 0
files = sorted(pathlib.Path(sys.argv[1]).glob("*.safetensors"))
for path in files:
    case = json.loads(path.with_suffix(".json").read_text())
    given, expected = (np.array(case[key]["values"]).reshape(case[key]["shape"]) for key in ("input", "output"))
    model = load(path, given.shape)
    given = given.astype(np.int32 if case["tokens"] else np.float32)
    result = model(given)
    found = np.asarray(result[0] if isinstance(result, (list, tuple)) else result)
    difference = np.abs(found - expected).max()
    print(f"{path.name}: {[type(layer).__name__ for layer in model.layers]}: {difference:.2e}")
    worst = max(worst, difference)
print(f"{len(files)} files, outputs differ by {worst:.2e} at most")
if not files or worst > 1e-5:
    sys.exit("they differ")
