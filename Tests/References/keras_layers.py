"""Golden values for the recurrent layers, the layers around them, losses and padding, from Keras.

    pip install tensorflow==2.21.0 keras==3.15.1 numpy==2.4.6
    python Tests/References/keras_layers.py    # writes Tests/ChargenTestSupport/Golden/keras_layers.json

Keras computes in float32 on a CPU, with its own loop and not that of cuDNN. All dimensions have different sizes, and all
weights and biases are random, so that a swapped gate or axis changes the results. The random numbers of a case depend only
on its name, so a case can be added or removed without changing the others. To keep the file small, inputs and weights are
rounded to four decimals, and each number is written with the fewest digits that identify its float32 value.

Gradients are those of sum(output * output_gradient) + sum(state * state_gradient) over the last call of a case; the state
that a stateful layer carries into that call is a constant. If an activation has kinks, its arguments lie on all sides of
them, but not so near that rounding would decide the gradient.
"""
import json
import os
import pathlib
import zlib

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import tensorflow as tf

tf.config.set_visible_devices([], "GPU")
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

KINKS = {"relu": [0], "hard_sigmoid": [-3, 3]}
LSTM, SIMPLE = {"class": "LSTM", "unit_forget_bias": True}, {"class": "SimpleRNN"}
AFTER, BEFORE = {"class": "GRU", "reset_after": True}, {"class": "GRU", "reset_after": False}


class Unsuitable(Exception):
    """The random numbers of this case are too near a kink, miss a side of one, or give values that are too large."""


def numbers(tensor):
    array = np.asarray(tensor)
    if array.dtype.kind in "ib":
        return {"shape": list(array.shape), "values": [int(x) for x in array.flat]}
    assert array.dtype == np.float32 and np.isfinite(array).all()
    return {"shape": list(array.shape), "values": [float(str(x)) for x in array.flat]}


def generator(name, attempt=0):
    return np.random.default_rng([zlib.crc32(name.encode()), attempt])


def random(rng, shape, scale):
    return np.round(rng.standard_normal(shape) * scale, 4).astype(np.float32)


def suitable(make, name):
    """The case with the first seed whose random numbers are suitable."""
    for attempt in range(5000):
        try:
            return make(generator(name, attempt))
        except Unsuitable:
            pass
    raise RuntimeError(f"no numbers suit {name}")


def check_kinks(activation, arguments):
    arguments, kinks = np.concatenate([np.ravel(x) for x in arguments]), KINKS.get(activation, [])
    if any((abs(arguments - kink) < 1e-3).any() for kink in kinks):
        raise Unsuitable
    if len(set(np.digitize(arguments, kinks))) <= len(kinks):
        raise Unsuitable


def built(layer, mode=None):
    settings = dict(layer)
    made = getattr(keras.layers, settings.pop("class"))(**settings)
    return made if mode is None else keras.layers.Bidirectional(made, merge_mode=mode)


def randomize(made, rng, scale):
    made.set_weights([random(rng, w.shape, 0.3 if w.name == "bias" else 0.4 * scale) for w in made.weights])


def weights(made):
    """Weights with Keras's names, without the names of the outermost layer and of the cells."""
    return [{"name": "/".join(part for part in w.path.split("/")[1:] if not part.endswith("_cell")), **numbers(w)}
            for w in made.weights]


def variables(made):
    return [w.value for w in made.weights]


def dense(tensors):
    return [numbers(tf.convert_to_tensor(t)) for t in tensors]


# Recurrent layers

def recurrent_layer(kind, units=4, **changes):
    layer = {"class": kind["class"], "units": units, "activation": "tanh"}
    if kind is not SIMPLE:
        layer["recurrent_activation"] = "sigmoid"
    layer |= {"use_bias": True} | kind
    return layer | {"return_sequences": False, "return_state": False, "go_backwards": False, "stateful": False} | changes


def recurrent(kind, N=2, T=5, D=3, mode=None, mask=None, initial=False, choice=False, note=None, **changes):
    layer = recurrent_layer(kind, **changes)
    words = [layer["class"] + {True: " reset after", False: " reset before"}.get(layer.get("reset_after"), "")]
    words += [f"bidirectional {mode}"] if mode else []
    words += [layer[key] for key in ("activation", "recurrent_activation") if key in layer] if choice else []
    words += [word for key, word in (("return_sequences", "sequences"), ("return_state", "state"),
                                     ("go_backwards", "backwards"), ("stateful", "stateful")) if layer[key]]
    words += ["no bias"] if not layer["use_bias"] else []
    words += ["mask" if note is None else note] if mask is not None or note is not None else []
    words += ["initial state"] if initial else []
    name = ", ".join(words) + f" (N {N}, T {T}, D {D}, H {layer['units']})"
    return suitable(lambda rng: recurrent_case(name, layer, N, T, D, mode, mask, initial, rng), name)


def recurrent_case(name, layer, N, T, D, mode, mask, initial, rng):
    keras.utils.clear_session()
    made = built(layer, mode)
    made.build((N, T, D))
    # The kinks at 3 and -3 need arguments of that size, also in the cell state of an LSTM.
    wide = bool(KINKS.keys() & {layer["activation"], layer.get("recurrent_activation")})
    randomize(made, rng, 2 if wide else 1)
    inputs = [random(rng, (N, T, D), 1.5 if wide else 1) for _ in range(2 if layer["stateful"] else 1)]
    scales = ([0.5, 4 if wide else 0.9] if layer["class"] == "LSTM" else [0.5]) * (2 if mode else 1)
    state = [random(rng, (N, layer["units"]), scale) for scale in scales] if initial else None
    if wide:
        check_activations(layer, made, inputs[0], state)

    outputs, states = [], []
    for call, x in enumerate(inputs):
        x = tf.constant(x)
        watched = [tf.constant(s) for s in state] if initial and call == 0 else []
        given = {"initial_state": watched} if watched else {}
        if mask is not None:
            given["mask"] = tf.cast(mask, tf.bool)
        with tf.GradientTape() as tape:
            tape.watch([x, *watched])
            result = made(x, **given)
            output, final = (result[0], list(result[1:])) if layer["return_state"] else (result, [])
            output_gradient, *state_gradients = [random(rng, y.shape, 1) for y in (output, *final)]
            loss = sum(tf.reduce_sum(y * dy) for y, dy in zip([output, *final], [output_gradient, *state_gradients]))
        outputs.append(numbers(output))
        states.append([numbers(s) for s in final])
    dx, dstate, dweights = tape.gradient(loss, (x, watched, variables(made)))
    if max(abs(np.asarray(y)).max() for y in (output, *final, dx, *dstate, *dweights)) > 20:
        raise Unsuitable
    return {
        "name": name, "layer": layer, "bidirectional": mode, "inputs": [numbers(x) for x in inputs], "mask": mask,
        "initial_state": [numbers(s) for s in state] if initial else None, "weights": weights(made),
        "outputs": outputs, "states": states, "output_gradient": numbers(output_gradient),
        "state_gradients": [numbers(s) for s in state_gradients],
        "gradients": {"input": numbers(dx), "initial_state": dense(dstate) if dstate else None, "weights": dense(dweights)}}


def check_activations(layer, made, x, state):
    """Runs the layer with activations that record their arguments, and checks these."""
    seen = {"activation": [], "recurrent_activation": []}

    def noting(key):
        def activation(x):
            seen[key].append(np.asarray(x))
            return keras.activations.get(layer[key])(x)
        return activation

    probe = built(layer | {key: noting(key) for key in seen if key in layer})
    probe.build(x.shape)
    probe.set_weights(made.get_weights())
    probe(tf.constant(x), initial_state=[tf.constant(s) for s in state])
    # An LSTM's activation alternates between the candidate and the cell.
    uses = 2 if layer["class"] == "LSTM" else 1
    for use in range(uses):
        check_kinks(layer["activation"], seen["activation"][use::uses])
    if "recurrent_activation" in layer:
        check_kinks(layer["recurrent_activation"], seen["recurrent_activation"])


# Masked: steps in the middle, at the start, at the end, and a whole sequence.
MASK = [[1, 1, 0, 1, 0, 1], [0, 0, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0]]
BOTH = (False, True)


def recurrent_cases():
    for kind in (LSTM, AFTER, BEFORE, SIMPLE):
        for initial in BOTH:
            for backwards in BOTH:
                for sequences in BOTH:
                    for state in BOTH:
                        size = dict(N=3, T=4, D=5, units=2) if initial else {}
                        yield recurrent(kind, **size, initial=initial, go_backwards=backwards,
                                        return_sequences=sequences, return_state=state)
        everything = dict(return_sequences=True, return_state=True)
        yield recurrent(kind, N=3, T=4, D=5, units=7, initial=True, **everything)
        yield recurrent(kind, N=3, T=4, D=5, units=7, use_bias=False, **everything)
        yield recurrent(kind, use_bias=False, go_backwards=True)
        yield recurrent(kind, N=1, T=1, D=3, units=2, note="one step", initial=True, **everything)

        for backwards in BOTH:
            yield recurrent(kind, stateful=True, go_backwards=backwards, **everything)
        yield recurrent(kind, stateful=True, initial=True, **everything)
        yield recurrent(kind, stateful=True, return_sequences=False)

        for initial in BOTH:
            for backwards in BOTH:
                for sequences in BOTH:
                    yield recurrent(kind, N=4, T=6, D=3, units=2 if initial else 5, mask=MASK, initial=initial,
                                    go_backwards=backwards, return_sequences=sequences, return_state=True)
        for note, mask in (("masked at the end", [[1, 1, 1, 0, 0], [1, 1, 1, 1, 0]]),
                           ("masked at the beginning", [[0, 0, 1, 1, 1], [0, 1, 1, 1, 1]]),
                           ("nothing masked", [[1] * 5] * 2), ("all masked", [[0] * 5] * 2)):
            yield recurrent(kind, mask=mask, units=4, note=note, initial=note == "all masked", **everything)
        for sequences in BOTH:
            for backwards in BOTH:
                yield recurrent(kind, N=4, T=6, D=3, units=2, mask=MASK, stateful=True, go_backwards=backwards,
                                return_sequences=sequences, return_state=True)

        if kind is SIMPLE:
            pairs = [{"activation": name} for name in ("relu", "sigmoid", "hard_sigmoid", "linear")]
        else:
            pairs = [{"activation": name, "recurrent_activation": recurrent} for name, recurrent in (
                ("relu", "sigmoid"), ("sigmoid", "tanh"), ("hard_sigmoid", "sigmoid"), ("linear", "hard_sigmoid"),
                ("tanh", "linear"), ("sigmoid", "relu"), ("relu", "hard_sigmoid"), ("tanh", "hard_sigmoid"))]
        for pair in pairs:
            yield recurrent(kind, T=4, choice=True, initial=True, **pair, **everything)

    yield from bidirectional_cases()
    for forget in BOTH:
        keras.utils.clear_session()
        layer = recurrent_layer(LSTM, unit_forget_bias=forget)
        made = built(layer)
        made.build((2, 5, 3))
        yield {"name": f"LSTM, initial bias, unit_forget_bias {forget}", "layer": layer,
               "initial_bias": numbers(made.cell.bias)}


def bidirectional_cases():
    small, everything = dict(N=3, T=4, D=5, units=2), dict(return_sequences=True, return_state=True)
    masked = dict(N=4, T=6, D=3, units=2, mask=MASK)
    for mode in ("concat", "sum", "mul", "ave"):
        for sequences in BOTH:
            for state in BOTH:
                size = {} if mode == "concat" and sequences else small
                yield recurrent(LSTM, **size, mode=mode, return_sequences=sequences, return_state=state)
    for sequences in BOTH:
        yield recurrent(LSTM, **small, mode="concat", initial=True, return_sequences=sequences, return_state=True)
        yield recurrent(LSTM, **masked, mode="concat", return_sequences=sequences, return_state=True)
        # Without return_state: Keras 3.15.1 fails to call this layer with it.
        yield recurrent(LSTM, **small, mode="concat", stateful=True, return_sequences=sequences)
        yield recurrent(LSTM, **masked, mode="concat", stateful=True, return_sequences=sequences)
    for mode in ("sum", "mul", "ave"):
        yield recurrent(LSTM, **masked, mode=mode, return_sequences=True)
    yield recurrent(LSTM, **masked, mode="concat", initial=True, **everything)
    yield recurrent(LSTM, **masked, mode="mul", initial=True, return_state=True)
    yield recurrent(LSTM, N=3, T=4, D=5, units=7, mode="concat", use_bias=False, **everything)

    for kind in (AFTER, BEFORE, SIMPLE):
        yield recurrent(kind, mode="concat", **everything)
        yield recurrent(kind, **small, mode="concat")
        yield recurrent(kind, **small, mode="sum", return_state=True)
        yield recurrent(kind, **small, mode="mul", return_sequences=True)
        yield recurrent(kind, **small, mode="ave", return_sequences=True, return_state=True)
        yield recurrent(kind, **small, mode="concat", initial=True, **everything)
        yield recurrent(kind, **small, mode="concat", stateful=True, return_sequences=True)
        yield recurrent(kind, **small, mode="concat", use_bias=False, return_sequences=True)
        for sequences in BOTH:
            yield recurrent(kind, **masked, mode="concat", return_sequences=sequences, return_state=True)
        yield recurrent(kind, **masked, mode="concat", initial=True, **everything)
        yield recurrent(kind, **masked, mode="concat", stateful=True, return_sequences=True)


# Other layers

def other_case(name, layer, inputs, rng, **more):
    keras.utils.clear_session()
    made = built(layer)
    made.build(inputs.shape)
    randomize(made, rng, 1)
    if layer["class"] == "Dense":
        kernel, *bias = made.get_weights()
        check_kinks(layer["activation"], [inputs @ kernel + sum(bias)])
    x = tf.constant(inputs)
    with tf.GradientTape() as tape:
        if x.dtype.is_floating:
            tape.watch(x)
        output = made(x)
        output_gradient = random(rng, output.shape, 1)
        loss = tf.reduce_sum(output * output_gradient)
    dx, dweights = tape.gradient(loss, (x if x.dtype.is_floating else [], variables(made)))
    if layer.get("mask_zero"):
        more["output_mask"] = np.asarray(made.compute_mask(x)).astype(int).tolist()
    return {
        "name": name, "layer": layer, "bidirectional": None, "inputs": [numbers(inputs)], "mask": None,
        "initial_state": None, "weights": weights(made), "outputs": [numbers(output)], "states": [[]],
        "output_gradient": numbers(output_gradient), "state_gradients": [],
        "gradients": {"input": numbers(dx) if x.dtype.is_floating else None, "initial_state": None,
                      "weights": dense(dweights)}, **more}


def other_cases():
    for activation in ("linear", "relu", "sigmoid", "tanh", "softmax", "hard_sigmoid"):
        for shape in ((5, 3), (2, 5, 3)):
            layer = {"class": "Dense", "units": 4, "activation": activation, "use_bias": True}
            name, scale = f"Dense, {activation} {shape}", 4 if activation == "hard_sigmoid" else 1
            yield suitable(lambda rng: other_case(name, layer, random(rng, shape, scale), rng), name)
    layer = {"class": "Dense", "units": 4, "activation": "linear", "use_bias": False}
    name = "Dense, linear, no bias (2, 5, 3)"
    yield suitable(lambda rng: other_case(name, layer, random(rng, (2, 5, 3), 1), rng), name)

    # Token 1 occurs twice in a sequence and in both sequences; token 5 never occurs.
    tokens = np.array([[1, 3, 0, 1, 6], [0, 0, 2, 4, 1]], np.int32)
    for masking in BOTH:
        name = f"Embedding, mask_zero {masking}"
        yield other_case(name, {"class": "Embedding", "input_dim": 7, "output_dim": 3, "mask_zero": masking}, tokens,
                         generator(name))
    yield suitable(sequential_case, "Sequential")


def sequential_case(rng):
    keras.utils.clear_session()
    # The first sequence has a masked token in the middle, the second is padded at its start, the third at its end.
    tokens = np.array([[3, 5, 0, 1, 3], [0, 0, 2, 4, 1], [5, 3, 8, 0, 0]], np.int32)
    labels = np.eye(10, dtype=np.float32)[[9, 0, 4]]
    layers = [{"class": "Embedding", "input_dim": 9, "output_dim": 4, "mask_zero": True},
              recurrent_layer(LSTM, units=6, return_sequences=True) | {"bidirectional": None},
              recurrent_layer(AFTER, units=7) | {"bidirectional": "concat"},
              {"class": "Dense", "units": 8, "activation": "relu", "use_bias": True},
              {"class": "Dense", "units": 10, "activation": "softmax", "use_bias": True}]
    model = keras.Sequential([built({key: value for key, value in layer.items() if key != "bidirectional"},
                                    layer.get("bidirectional")) for layer in layers])
    model(tokens)
    randomize(model, rng, 1)
    *first, hidden, _ = model.layers
    x = tf.constant(tokens)
    for layer in first:
        x = layer(x)
    check_kinks("relu", [x @ hidden.kernel + hidden.bias])

    with tf.GradientTape() as tape:
        predictions = model(tokens)
        loss = keras.losses.CategoricalCrossentropy()(labels, predictions)
    return {
        "name": "Sequential", "layer": {"class": "Sequential", "layers": layers}, "bidirectional": None,
        "inputs": [numbers(tokens)], "mask": None, "initial_state": None, "weights": weights(model),
        "outputs": [numbers(predictions)], "states": [[]], "labels": numbers(labels), "loss": numbers(loss)["values"][0],
        "gradients": {"input": None, "initial_state": None, "weights": dense(tape.gradient(loss, variables(model)))}}


# Losses

def loss_case(kind, note, predictions, targets):
    losses = {"binary_crossentropy": keras.losses.BinaryCrossentropy, "mse": keras.losses.MeanSquaredError,
              "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
              "sparse_categorical_crossentropy": keras.losses.SparseCategoricalCrossentropy}
    predictions = tf.constant(predictions, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(predictions)
        loss = losses[kind]()(targets, predictions)
    return {"name": f"{kind}, {note}", "layer": {"class": "Loss", "name": kind}, "predictions": numbers(predictions),
            "targets": numbers(targets), "loss": numbers(loss)["values"][0],
            "gradient": numbers(tape.gradient(loss, predictions))}


def loss_cases():
    for shape in ((4, 3), (2, 5, 3)):
        note, rng = str(shape), generator(f"losses {shape}")
        yield loss_case("mse", note, random(rng, shape, 1), random(rng, shape, 1))
        chances = np.round(rng.uniform(0.02, 0.98, shape), 4).astype(np.float32)
        yield loss_case("binary_crossentropy", note, chances, rng.integers(0, 2, shape).astype(np.float32))
        yield loss_case("binary_crossentropy", f"{note}, targets between 0 and 1", chances,
                        np.round(rng.uniform(0, 1, shape), 4).astype(np.float32))
        classes = rng.integers(0, shape[-1], shape[:-1]).astype(np.int32)
        one_hot = np.eye(shape[-1], dtype=np.float32)[classes]
        softmax = np.exp(random(rng, shape, 1))
        softmax /= softmax.sum(-1, keepdims=True)
        for what, predictions in (("", softmax), (", sums other than 1", chances)):
            yield loss_case("categorical_crossentropy", note + what, predictions, one_hot)
            yield loss_case("sparse_categorical_crossentropy", note + what, predictions, classes)
        soft = np.round(rng.uniform(0, 1, shape), 4).astype(np.float32)
        yield loss_case("categorical_crossentropy", f"{note}, targets between 0 and 1", softmax, soft)

    # Right, wrong and uncertain predictions; Keras limits probabilities to a distance from 0 and 1.
    note, certain = "predictions of 0 and 1", np.array([[1, 0, 0], [0, 1, 0], [0, 0.25, 0.75], [0, 0.5, 0.5]], np.float32)
    classes = np.array([0, 2, 1, 0], np.int32)
    one_hot = np.eye(3, dtype=np.float32)[classes]
    yield loss_case("binary_crossentropy", note, certain, one_hot)
    yield loss_case("categorical_crossentropy", note, certain, one_hot)
    yield loss_case("sparse_categorical_crossentropy", note, certain, classes)


def padding_cases():
    sequences = [[1], [2, 3], [4, 5, 6], [], [7, 8, 9, 10, 11]]
    for maxlen, value in ((None, 0), (3, -1), (7, 12), (1, 0)):
        for padding in ("pre", "post"):
            for truncating in ("pre", "post"):
                expected = keras.utils.pad_sequences(
                    sequences, maxlen=maxlen, padding=padding, truncating=truncating, value=value)
                yield {"name": f"pad_sequences, maxlen {maxlen}, padding {padding}, truncating {truncating}, value {value}",
                       "layer": {"class": "PadSequences"}, "sequences": sequences, "maxlen": maxlen, "padding": padding,
                       "truncating": truncating, "value": value, "expected": expected.tolist()}


def initializers():
    """The default initializers of each kind of layer in Keras."""
    def name(initializer):
        settings = {key: value for key, value in initializer["config"].items() if key != "seed" and value is not None}
        return {"class": initializer["class_name"]} | settings

    layers = {"LSTM": keras.layers.LSTM(4), "GRU": keras.layers.GRU(4), "SimpleRNN": keras.layers.SimpleRNN(4),
              "Dense": keras.layers.Dense(4), "Embedding": keras.layers.Embedding(7, 3)}
    return {kind: {key.removesuffix("_initializer"): name(value) for key, value in made.get_config().items()
                   if key.endswith("_initializer")} for kind, made in layers.items()}


cases = [*recurrent_cases(), *other_cases(), *loss_cases(), *padding_cases()]
assert len({case["name"] for case in cases}) == len(cases)


def compact(value):
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


here = pathlib.Path(__file__).parent.parent
path = here / "ChargenTestSupport" / "Golden" / "keras_layers.json"
path.parent.mkdir(exist_ok=True)
# One line per case, so that a diff is readable.
path.write_text('{"cases":[\n' + ",\n".join(map(compact, cases)) + '\n],\n"initializers":' + compact(initializers()) + "}\n")
