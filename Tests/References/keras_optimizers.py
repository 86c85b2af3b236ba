"""Golden values for the optimizers, from Keras.

    pip install tensorflow==2.21.0 keras==3.15.1 numpy==2.4.6
    python Tests/References/keras_optimizers.py    # writes Tests/ChargenTestSupport/Golden/keras_optimizers.json

Ten steps of each optimizer with the same gradients, on a kernel [4, 3] and a bias [3], which weight decay leaves out. A
gradient does not depend on the weights, so that the steps are those of the optimizers alone; some numbers are zero, or
small, or change their sign. Numbers are rounded to four decimals before they are used, and each result is written with the
fewest digits that identify its float32 value.

Keras's default epsilon of Adam is given as a setting, because the default of chargen's Adam is PyTorch's.
"""
import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np

STEPS, SHAPES = 10, {"kernel": (4, 3), "bias": (3,)}

# The name in chargen, Keras's optimizer, and the settings that are not the defaults, by the names of chargen.
CASES = [
    ("adam", "Adam", {"epsilon": 1e-7}),
    ("adam", "Adam", {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6}),
    ("adam", "Adam", {"epsilon": 1e-7, "clip_norm": 1.5}),
    ("adam", "Adam", {"epsilon": 1e-7, "clip_value": 0.4}),
    ("adamw", "AdamW", {"epsilon": 1e-7, "weight_decay": 0.2}),
    ("adamw", "AdamW", {"beta1": 0.85, "beta2": 0.99, "epsilon": 1e-7, "weight_decay": 0.5}),
    ("nadam", "Nadam", {}),
    ("nadam", "Nadam", {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3}),
    ("rmsprop", "RMSprop", {}),
    ("rmsprop", "RMSprop", {"rho": 0.8, "epsilon": 1e-3}),
    ("rmsprop", "RMSprop", {"momentum": 0.7}),
    ("rmsprop", "RMSprop", {"centered": True, "epsilon": 1e-3}),
    ("rmsprop", "RMSprop", {"rho": 0.85, "momentum": 0.6, "centered": True, "epsilon": 1e-2}),
    ("sgd", "SGD", {}),
    ("sgd", "SGD", {"momentum": 0.9}),
    ("sgd", "SGD", {"momentum": 0.8, "nesterov": True}),
    ("sgd", "SGD", {"momentum": 0.8, "nesterov": True, "clip_norm": 0.75}),
    ("adagrad", "Adagrad", {}),
    ("adagrad", "Adagrad", {"initial_accumulator": 0.5, "epsilon": 1e-2}),
]
NAMES = {"beta1": "beta_1", "beta2": "beta_2", "clip_norm": "global_clipnorm", "clip_value": "clipvalue",
         "initial_accumulator": "initial_accumulator_value"}
RATES = {"sgd": 0.1, "adagrad": 0.1}


def written(array):
    assert array.dtype == np.float32 and np.isfinite(array).all()
    return [float(str(x)) for x in array.flat]


def main():
    random = np.random.default_rng(11)

    def draw(shape, scale):
        return np.round(random.standard_normal(shape) * scale, 4).astype(np.float32)

    initial = {name: draw(shape, 1) for name, shape in SHAPES.items()}
    gradients = []
    for step in range(STEPS):
        gradient = {name: draw(shape, 0.6) for name, shape in SHAPES.items()}
        gradient["kernel"][0, 1] = 0
        gradient["kernel"][1] *= np.float32(0.01)
        gradient["kernel"][3, 2] = 0 if step % 3 else 0.5
        gradients.append({name: np.round(array, 4) for name, array in gradient.items()})
    cases = []
    for name, class_name, settings in CASES:
        rate = RATES.get(name, 0.01)
        optimizer = getattr(keras.optimizers, class_name)(
            learning_rate=rate, **{NAMES.get(key, key): value for key, value in settings.items()})
        variables = [keras.Variable(initial[key], name=key) for key in SHAPES]
        if "weight_decay" in settings:
            optimizer.exclude_from_weight_decay(var_names=["bias"])
        steps = []
        for gradient in gradients:
            optimizer.apply([keras.ops.convert_to_tensor(gradient[key]) for key in SHAPES], variables)
            steps.append({key: written(variable.numpy()) for key, variable in zip(SHAPES, variables)})
        cases.append({"optimizer": name, "settings": settings, "learning_rate": rate, "steps": steps})
    golden = {
        "shapes": {name: list(shape) for name, shape in SHAPES.items()},
        "initial": {name: written(array) for name, array in initial.items()},
        "gradients": [{name: written(array) for name, array in step.items()} for step in gradients],
        "cases": cases,
    }
    path = pathlib.Path(__file__).parent.parent / "ChargenTestSupport/Golden/keras_optimizers.json"
    path.write_text(json.dumps(golden, separators=(",", ":")).replace('{"optimizer"', '\n{"optimizer"') + "\n")


main()
