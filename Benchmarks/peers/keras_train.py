"""Keras's (TensorFlow's) speed at training: characters per second.

    python keras_train.py seed

The step is compiled (tf.function): forward, loss, backward, clipping by norm and Adam. Prints one JSON object.
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # before the import: it reads this once

import tensorflow as tf

from configs import EMBEDDING, TRAIN
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


def main():
    options = parser(__doc__.splitlines()[0], TRAIN)
    options.add_argument("--input", default="one-hot", choices=["one-hot", "embedding"])
    a = options.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(a.threads)
    tf.random.set_seed(0)
    sizes = TRAIN[a.config]
    training = Training(**sizes, embedded=a.input == "embedding")
    report(
        "Keras", tf.__version__, sizes, precision="float32", input=a.input, threads=a.threads,
        characters_per_second=rate(training.step, sizes["N"] * sizes["T"], a.seconds),
    )


if __name__ == "__main__":
    main()
