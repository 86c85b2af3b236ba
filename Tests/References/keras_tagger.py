"""Golden values for masked and weighted losses, accuracies, and training steps, from Keras.

    pip install tensorflow==2.21.0 keras==3.15.1 numpy==2.4.6
    python Tests/References/keras_tagger.py    # writes Tests/ChargenTestSupport/Golden/keras_tagger.json

The models are taggers, which give one output for each token, and classifiers, which give one for each sequence. All
begin with an embedding that masks the token 0. The sequences of a batch have different lengths and are padded at their
ends; one has no padding, one is nothing but padding.

Keras computes the losses, accuracies and gradients itself, in float32 on a CPU. The script verifies that `compute_loss`,
`test_on_batch` and `train_on_batch` report the same loss. The cases of one group have the same model, tokens and
targets. Numbers are rounded and written as in keras_layers.py.
"""
import json
import os
import pathlib
import zlib

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf
from keras.src.trainers.data_adapters.data_adapter_utils import class_weight_to_sample_weights

tf.config.set_visible_devices([], "GPU")
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

V, D, H, N, T = 7, 3, 4, 6, 8
LENGTHS = [5, 8, 0, 1, 7, 3]
# This token occurs in no sequence, so its row of the embedding has a gradient of zero.
ABSENT = 5

EMBEDDING = {"class": "Embedding", "input_dim": V, "output_dim": D, "mask_zero": True}
LSTM = {"class": "LSTM", "units": H, "activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True,
        "unit_forget_bias": True, "return_sequences": False, "return_state": False, "go_backwards": False,
        "stateful": False, "bidirectional": None}
GRU = {"class": "GRU", "units": H, "activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True,
       "reset_after": True, "return_sequences": False, "return_state": False, "go_backwards": False, "stateful": False,
       "bidirectional": None}
EVERY_STEP = {"return_sequences": True}

SPARSE, CATEGORICAL, BINARY, SQUARED = (
    "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy", "mse")


class Unsuitable(Exception):
    """With these random numbers, an Adam step or an accuracy depends on rounding, or almost no output is right."""


def numbers(tensor):
    array = np.asarray(tensor)
    if array.dtype.kind in "ib":
        return {"shape": list(array.shape), "values": [int(x) for x in array.flat]}
    assert array.dtype == np.float32 and np.isfinite(array).all()
    return {"shape": list(array.shape), "values": [float(str(x)) for x in array.flat]}


def number(value):
    return float(str(np.float32(value)))


def random(rng, shape, scale):
    return np.round(rng.standard_normal(shape) * scale, 4).astype(np.float32)


def positive(rng, shape):
    return np.round(rng.uniform(0.2, 3, shape), 4).astype(np.float32)


def suitable(make, name):
    """The group with the first seed whose random numbers are suitable."""
    for attempt in range(1000):
        try:
            return make(np.random.default_rng([zlib.crc32(name.encode()), attempt]))
        except Unsuitable:
            pass
    raise RuntimeError(f"no numbers suit {name}")


def dense(units, activation):
    return {"class": "Dense", "units": units, "activation": activation, "use_bias": True}


def built(layer):
    settings = {key: value for key, value in layer.items() if key not in ("class", "bidirectional")}
    made = getattr(keras.layers, layer["class"])(**settings)
    mode = layer.get("bidirectional")
    return keras.layers.Bidirectional(made, merge_mode=mode) if mode else made


def drawn_weights(rng, layers):
    """Random weights, including biases, for a model of `layers`."""
    model = keras.Sequential([built(layer) for layer in layers])
    model(np.zeros((N, T), np.int32))
    return [random(rng, w.shape, 0.3 if w.name == "bias" else 0.8) for w in model.weights]


def drawn_tokens(rng):
    tokens = rng.choice([token for token in range(1, V) if token != ABSENT], (N, T))
    return np.where(np.arange(T) < np.array(LENGTHS)[:, None], tokens, 0).astype(np.int32)


class Compiled:
    """A model with its weights, ready to be trained."""

    def __init__(self, layers, weights, loss, optimizer=None, metrics=("accuracy",), frozen=()):
        keras.utils.clear_session()
        self.model = keras.Sequential([built(layer) for layer in layers])
        self.model(np.zeros((N, T), np.int32))
        self.model.set_weights(weights)
        for index in frozen:
            self.model.layers[index].trainable = False
        self.model.compile(optimizer or keras.optimizers.SGD(0.0), loss, metrics=list(metrics),
                           weighted_metrics=list(metrics), run_eagerly=True)

    @property
    def weights(self):
        return [np.asarray(w) for w in self.model.weights]

    def named_weights(self):
        """The weights with Keras's names, without the names of the model and of the cells."""
        return [{"name": "/".join(part for part in w.path.split("/")[1:] if not part.endswith("_cell")), **numbers(w)}
                for w in self.model.weights]


def check_distance(outputs, mask, loss):
    """Checks that no prediction depends on rounding."""
    outputs = np.asarray(outputs)[mask]
    if loss in (BINARY, SQUARED):
        near = abs(outputs - 0.5) < 1e-3
    else:
        near = np.diff(np.sort(outputs, -1)[..., -2:]) < 1e-3
    if near.any():
        raise Unsuitable


def check_gradients(gradients):
    """Checks that no step of Adam depends on rounding; Adam divides each gradient by its own magnitude."""
    for gradient in gradients:
        size = abs(np.asarray(gradient))
        if ((size > 0) & (size < 1e-5)).any():
            raise Unsuitable


def case(name, layers, weights, tokens, targets, loss, sample_weight=None, class_weight=None, metrics=("accuracy",)):
    """The loss, accuracies and gradients of one batch, in which Keras's own model applies mask and weights."""
    made = Compiled(layers, weights, loss, metrics=metrics)
    model = made.model
    weighting = {"sample_weight": sample_weight}
    if class_weight is not None:
        weighting["sample_weight"] = class_weight_to_sample_weights(targets, class_weight)
    with tf.GradientTape() as tape:
        outputs = model(tokens, training=True)
        total = model.compute_loss(tokens, targets, outputs, weighting["sample_weight"])
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(total, [w.value for w in model.trainable_weights])]
    assert len(gradients) == len(weights)
    mask = tokens != 0 if len(outputs.shape) == 3 else np.ones(N, bool)
    check_distance(outputs, mask, loss)

    tested = model.test_on_batch(tokens, targets, **weighting, return_dict=True)
    if tokens.any() and not 0.2 < tested.get("accuracy", 0.5) < 0.9:
        raise Unsuitable
    trained = Compiled(layers, weights, loss).model
    given = weighting if class_weight is None else {"class_weight": class_weight}
    reported = trained.train_on_batch(tokens, targets, **given, return_dict=True)
    fitted = Compiled(layers, weights, loss).model.fit(
        tokens, targets, batch_size=N, epochs=1, shuffle=False, verbose=0, **given).history
    for other in (tested["loss"], reported["loss"], fitted["loss"][0]):
        assert number(other) == number(total), (name, other, total)
    # Two batches of different sizes: Keras weights the loss of each by its sequences, whatever their lengths.
    size = 4
    evaluated = model.evaluate(tokens, targets, batch_size=size, verbose=0, **weighting, return_dict=True)

    result = {
        "name": name, "layers": layers, "loss_function": loss, "inputs": numbers(tokens), "targets": numbers(targets),
        "sample_weight": None if sample_weight is None else numbers(sample_weight),
        "class_weight": None if class_weight is None else {str(key): value for key, value in class_weight.items()},
        "weights": made.named_weights(), "outputs": numbers(outputs), "loss": number(total),
        "gradients": [numbers(g) for g in gradients]}
    measures = {"metrics": {key: number(value) for key, value in tested.items() if key != "loss"}}
    if loss == SQUARED:
        measures = {"metrics": {}}
    evaluation = {"batch_size": size, "loss": number(evaluated["loss"]),
                  "metrics": {key: number(evaluated[key]) for key in measures["metrics"]}}
    return result | measures | {"evaluation": evaluation}


def training(name, layers, weights, tokens, targets, loss, optimizer, settings, frozen=()):
    """Three steps on the same batch, with the loss before each and the weights after it."""
    made = Compiled(layers, weights, loss, getattr(keras.optimizers, optimizer)(**settings), frozen=frozen)
    start, steps = made.named_weights(), []
    for _ in range(3):
        with tf.GradientTape() as tape:
            total = made.model.compute_loss(tokens, targets, made.model(tokens, training=True))
        if optimizer == "Adam":
            check_gradients(tf.convert_to_tensor(g) for g in tape.gradient(
                total, [w.value for w in made.model.trainable_weights]))
        reported = made.model.train_on_batch(tokens, targets, return_dict=True)
        assert number(reported["loss"]) == number(total)
        steps.append({"loss": number(reported["loss"]), "weights": [numbers(w) for w in made.weights]})
    return {"name": name, "layers": layers, "loss_function": loss, "inputs": numbers(tokens),
            "targets": numbers(targets), "weights": start, "optimizer": optimizer, **settings, "frozen": list(frozen),
            "steps": steps}


# Taggers

def tagger_cases(rng):
    layers, loss = [EMBEDDING, LSTM | EVERY_STEP, dense(5, "softmax")], SPARSE
    weights, tokens = drawn_weights(rng, layers), drawn_tokens(rng)
    targets = rng.integers(0, 5, (N, T)).astype(np.int32)
    # Some tokens have no weight, some of the padding has.
    temporal = positive(rng, (N, T)) * (rng.uniform(size=(N, T)) > 0.2)
    model = (layers, weights, tokens, targets, loss)
    adam, sgd = ("Adam", {"learning_rate": 0.01}), ("SGD", {"learning_rate": 0.5})
    steps = [
        training("tagger, Adam", *model, *adam), training("tagger, SGD", *model, *sgd),
        training("tagger with a frozen embedding, Adam", *model, *adam, frozen=(0,))]
    cases = [
        case("tagger", *model),
        case("tagger, a weight for each token", *model, sample_weight=temporal.astype(np.float32)),
        case("tagger, a weight for each sequence", *model, sample_weight=positive(rng, (N, 1))),
        case("tagger, padding only", layers, weights, np.zeros_like(tokens), targets, loss)]
    return cases, steps


def bidirectional_cases(rng):
    layers = [EMBEDDING, GRU | EVERY_STEP | {"bidirectional": "concat"}, dense(5, "softmax")]
    weights, tokens = drawn_weights(rng, layers), drawn_tokens(rng)
    targets = np.eye(5, dtype=np.float32)[rng.integers(0, 5, (N, T))]
    model = (layers, weights, tokens, targets, CATEGORICAL)
    name = "bidirectional tagger"
    return [case(name, *model),
            case(f"{name}, a weight for each token", *model, sample_weight=positive(rng, (N, T)))], []


# Classifiers and regressions

def classifier_cases(name, last, loss, draw_targets, class_weights=(), metrics=("accuracy",)):
    layers = [EMBEDDING, LSTM, last]

    def make(rng):
        weights, tokens = drawn_weights(rng, layers), drawn_tokens(rng)
        model = (layers, weights, tokens, draw_targets(rng), loss)
        cases = [case(name, *model, metrics=metrics),
                 case(f"{name}, a weight for each sequence", *model, sample_weight=positive(rng, N), metrics=metrics)]
        cases += [case(f"{name}, weights of the classes {', '.join(map(str, weight))}", *model, class_weight=weight,
                       metrics=metrics) for weight in class_weights]
        return cases, []

    return suitable(make, name)


def classes(count):
    """One of `count` classes for each sequence; each class occurs, in no regular order."""
    return lambda rng: rng.permutation(np.arange(N) % count)[:, None].astype(np.int32)


def groups():
    yield suitable(tagger_cases, "tagger")
    yield suitable(bidirectional_cases, "bidirectional tagger")
    # Where a class is left out, its weight is 1.
    yield classifier_cases("classifier", dense(3, "softmax"), SPARSE, classes(3),
                           [{0: 0.5, 1: 2.25, 2: 1.75}, {0: 0.5, 2: 1.75}])
    yield classifier_cases("one-hot classifier", dense(3, "softmax"), CATEGORICAL,
                           lambda rng: np.eye(3, dtype=np.float32)[classes(3)(rng)[:, 0]],
                           [{0: 0.5, 1: 2.25, 2: 1.75}])
    yield classifier_cases("binary classifier", dense(1, "sigmoid"), BINARY,
                           lambda rng: classes(2)(rng).astype(np.float32), [{0: 0.5, 1: 2.25}])
    # For two columns "accuracy" is the categorical accuracy, which compares the places of the largest numbers.
    yield classifier_cases("two binary outputs", dense(2, "sigmoid"), BINARY,
                           lambda rng: rng.integers(0, 2, (N, 2)).astype(np.float32),
                           metrics=("accuracy", "binary_accuracy"))
    yield classifier_cases("regression", dense(2, "linear"), SQUARED, lambda rng: random(rng, (N, 2), 1))


losses, trained = [], []
for cases, steps in groups():
    losses += cases
    trained += steps
assert len({case["name"] for case in losses}) == len(losses)


def lines(cases):
    return ",\n".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases)


here = pathlib.Path(__file__).parent.parent
path = here / "ChargenTestSupport" / "Golden" / "keras_tagger.json"
path.parent.mkdir(exist_ok=True)
# One line per case, so that a diff is readable.
path.write_text(f'{{"losses":[\n{lines(losses)}\n],\n"training":[\n{lines(trained)}\n]}}\n')
