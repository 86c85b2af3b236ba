"""Keras's (TensorFlow's) speed at training: characters per second, or examples per second of a classifier.

    python keras_train.py seed
    python keras_train.py reviews

The step is compiled (tf.function): forward, loss, backward, clipping by norm and Adam. Prints one JSON object.
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # before the import: it reads this once

import numpy as np
import tensorflow as tf

from configs import CLASSIFY, DROPOUT, EMBEDDING, STACK, TRAIN, lengths
from timing import parser, rate, report

CELLS = {"lstm": tf.keras.layers.LSTM, "gru": tf.keras.layers.GRU, "rnn": tf.keras.layers.SimpleRNN}


class Training:
    """A model, a batch and an optimizer."""

    def __init__(self, cell, V, H, L, N, T, embedded):
        self.V = V
        self.embedding = tf.keras.layers.Embedding(V, EMBEDDING) if embedded else None
        self.layers = [CELLS[cell](H, return_sequences=True) for _ in range(L)]
        self.output = tf.keras.layers.Dense(V)
        self.optimizer = tf.keras.optimizers.Adam(2e-3, clipnorm=1.0)
        self.x = tf.random.uniform((N, T), 0, V, dtype=tf.int32)
        self.y = tf.random.uniform((N, T), 0, V, dtype=tf.int32)
        self.forward(self.x)  # makes the weights
        parts = ([self.embedding] if embedded else []) + self.layers + [self.output]
        self.variables = [variable for part in parts for variable in part.trainable_variables]
        self.optimizer.build(self.variables)

    def forward(self, tokens):
        """Logits [N, T, V] of token ids [N, T]."""
        z = self.embedding(tokens) if self.embedding else tf.one_hot(tokens, self.V)
        for layer in self.layers:
            z = layer(z)
        return self.output(z)

    @tf.function
    def update(self):
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(self.y, self.forward(self.x))
            loss = tf.reduce_mean(losses)
        self.optimizer.apply(tape.gradient(loss, self.variables), self.variables)
        return loss

    def step(self):
        self.update().numpy()  # waits for the result


class Classifying:
    """A classifier of sequences, batches of tokens and an optimizer."""

    def __init__(self, model, optimizer, batches, compiled=False):
        self.model, self.optimizer = model, optimizer
        self.batches = batches
        self.turn = 0
        self.loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model(batches[0][0])  # makes the weights
        optimizer.build(model.trainable_variables)
        self.update = tf.function(self.update, jit_compile=compiled)

    def update(self, x, y):
        with tf.GradientTape() as tape:
            loss = self.loss(y, self.model(x, training=True))
        variables = self.model.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    def step(self):
        x, y = self.batches[self.turn % len(self.batches)]
        self.turn += 1
        self.update(x, y).numpy()  # waits for the result


def reviews(sizes):
    """The classifier of texts, with padded batches that the LSTM masks. The LSTM is unrolled, which is faster for so few steps."""
    layers = tf.keras.layers
    model = tf.keras.Sequential([
        layers.Embedding(sizes["V"], sizes["D"], mask_zero=True), layers.Dropout(DROPOUT),
        layers.LSTM(sizes["H"], unroll=True), layers.Dropout(DROPOUT),
        layers.Dense(sizes["F"], activation="relu"), layers.Dropout(DROPOUT), layers.Dense(sizes["C"])])
    random, batches = np.random.default_rng(0), []
    for counts in lengths(sizes["N"]):
        T = max(counts)
        tokens = random.integers(1, sizes["V"], (sizes["N"], T)) * (np.arange(T) < np.array(counts)[:, None])
        batches.append(tokens)
    batches = [(tf.constant(tokens, tf.int32), tf.constant(random.integers(0, sizes["C"], sizes["N"]), tf.int32))
               for tokens in batches]
    return Classifying(model, tf.keras.optimizers.Adam(1e-2, global_clipnorm=1.0), batches)


def stack(sizes):
    """The stack of LSTMs over tokens without padding. XLA makes this step faster, but not that of `reviews`."""
    layers, last = tf.keras.layers, sizes["L"] - 1
    model = tf.keras.Sequential(
        [layers.Embedding(sizes["V"], sizes["D"])]
        + [layers.LSTM(sizes["H"], return_sequences=layer < last) for layer in range(sizes["L"])]
        + [layers.Dense(sizes["C"])])
    x = tf.random.uniform((sizes["N"], sizes["T"]), 0, sizes["V"], dtype=tf.int32)
    y = tf.random.uniform((sizes["N"],), 0, sizes["C"], dtype=tf.int32)
    return Classifying(model, tf.keras.optimizers.Adam(1e-3), [(x, y)], compiled=True)


def warmed_up(training):
    """`training` after one step with each shape of batch, since every shape is compiled separately."""
    for _ in training.batches:
        training.step()
    return training


def main():
    options = parser(__doc__.splitlines()[0], TRAIN | CLASSIFY | STACK)
    options.add_argument("--input", default="one-hot", choices=["one-hot", "embedding"])
    a = options.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(a.threads)
    tf.random.set_seed(0)
    for configurations, make in ((CLASSIFY, reviews), (STACK, stack)):
        if a.config in configurations:
            sizes = configurations[a.config]
            training = warmed_up(make(sizes))
            report(
                "Keras", tf.__version__, sizes, precision="float32", input="embedding", threads=a.threads,
                examples_per_second=rate(training.step, sizes["N"], a.seconds),
            )
            return
    sizes = TRAIN[a.config]
    training = Training(**sizes, embedded=a.input == "embedding")
    report(
        "Keras", tf.__version__, sizes, precision="float32", input=a.input, threads=a.threads,
        characters_per_second=rate(training.step, sizes["N"] * sizes["T"], a.seconds),
    )


if __name__ == "__main__":
    main()
