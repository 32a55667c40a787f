"""Models of Keras that people write, for importing: flat ones, and those with layers of their own."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops


class TokensAndPlaces(layers.Layer):
    """The sum of two tables."""

    def __init__(self, places: int, vocab: int, d: int) -> None:
        super().__init__()
        self.token, self.place = layers.Embedding(vocab, d), layers.Embedding(places, d)

    def call(self, x: Any) -> Any:
        return self.token(x) + self.place(ops.arange(0, ops.shape(x)[-1], 1))


class Block(layers.Layer):
    """Attention and a perceptron, each normalised after it."""

    def __init__(self, d: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.attention = layers.MultiHeadAttention(heads, d // heads)
        self.perceptron = keras.Sequential([layers.Dense(hidden, activation="relu"), layers.Dense(d)])
        self.norm1, self.norm2 = layers.LayerNormalization(), layers.LayerNormalization()
        self.drop = layers.Dropout(0.1)

    def call(self, x: Any, training: bool | None = None) -> Any:
        x = self.norm1(x + self.drop(self.attention(x, x), training=training))
        return self.norm2(x + self.perceptron(x))


def classifier(vocab: int = 100, d: int = 32, heads: int = 4, depth: int = 3, places: int = 50) -> keras.Model:
    x = keras.Input((None,), dtype="int32", name="tokens")
    h = TokensAndPlaces(places, vocab, d)(x)
    for _ in range(depth):
        h = Block(d, heads, 4 * d)(h)
    return keras.Model(x, layers.Dense(vocab)(h))


def causal(vocab: int = 100, depth: int = 3) -> keras.Model:
    """Flat, its layers named by blocks."""
    x = keras.Input((None,), dtype="int32", name="tokens")
    h = layers.Embedding(vocab, 32)(x)
    for place in range(depth):
        n = layers.LayerNormalization(name=f"block_{place}_norm1")(h)
        n = layers.MultiHeadAttention(4, 8, name=f"block_{place}_attention")(n, n, use_causal_mask=True)
        h = layers.Add(name=f"block_{place}_add1")([h, n])
        n = layers.LayerNormalization(name=f"block_{place}_norm2")(h)
        n = layers.Dense(128, activation="gelu", name=f"block_{place}_up")(n)
        h = layers.Add(name=f"block_{place}_add2")([h, layers.Dense(32, name=f"block_{place}_down")(n)])
    return keras.Model(x, layers.Dense(vocab)(layers.GlobalAveragePooling1D()(h)))


def mixed(width: int = 16, classes: int = 7) -> keras.Model:
    """One of nearly everything."""
    x = keras.Input((33, 35, 3))
    h = layers.Conv2D(width, 4, strides=2, padding="same", activation="relu")(layers.Rescaling(1 / 255)(x))
    h = layers.SeparableConv2D(2 * width, 3, padding="same")(h)
    h = layers.BatchNormalization(scale=False)(h)
    s = layers.Reshape((1, 1, 2 * width))(layers.GlobalAveragePooling2D()(h))
    h = layers.Multiply()([h, layers.Conv2D(2 * width, 1, activation="sigmoid")(s)])
    h = layers.DepthwiseConv2D(3, padding="valid", use_bias=False)(h)
    h = layers.Conv2DTranspose(width, 3, strides=2, padding="same")(h)
    h = layers.UpSampling2D(2)(layers.LayerNormalization()(h))
    h = layers.PReLU(shared_axes=[1, 2])(layers.Cropping2D(((1, 0), (0, 2)))(h))
    h = layers.AveragePooling2D(2, padding="same")(layers.MaxPooling2D(3, 2, padding="same")(h))
    h = layers.ReLU(max_value=6)(layers.GroupNormalization(4)(layers.ZeroPadding2D(1)(h)))
    h = layers.Reshape((-1, width))(layers.SpatialDropout2D(0.1)(h))
    h = layers.Conv1D(8, 3, padding="same")(layers.Conv1D(8, 3, padding="causal")(h))
    h = layers.GRU(12)(h)
    h = layers.Concatenate()([h, layers.Dropout(0.2)(h), layers.Average()([h, -h])])
    head = keras.Sequential([keras.Input((36,)), layers.Dense(9, activation="swish"), layers.Dense(9)], name="head")
    return keras.Model(x, layers.Dense(classes, activation="softmax")(head(h)))


def twins(d: int = 8) -> keras.Model:
    """Two inputs through the same layers."""
    base = keras.Sequential([keras.Input((10,)), layers.Dense(d, activation="relu"), layers.Dense(d)], name="base")
    a, b = keras.Input((10,), name="left"), keras.Input((10,), name="right")
    return keras.Model([a, b], layers.Dense(1)(layers.Subtract()([base(a), base(b)])))


class Gate(layers.Layer):
    """Weights that operations use directly."""

    def build(self, shape: Any) -> None:
        self.scale = self.add_weight(shape=(shape[-1],), name="scale")
        self.matrix = self.add_weight(shape=(shape[-1], 6), name="matrix")

    def call(self, x: Any) -> Any:
        return ops.matmul(ops.relu(x) * self.scale, self.matrix)


def gated(d: int = 8) -> keras.Model:
    x = keras.Input((5, d))
    return keras.Model(x, layers.Dense(3)(Gate()(x)))


def sized(size: int = 32, channels: int = 3, classes: int = 4) -> keras.Model:
    """A parameter for each position: the size of the picture is no free axis."""
    x = keras.Input((size, size, channels))
    h = layers.MaxPooling2D()(layers.Conv2D(8, 3, padding="same")(x))
    return keras.Model(x, layers.Dense(classes)(layers.Flatten()(h)))


def channels_first(d: int = 8) -> keras.Model:
    x = keras.Input((3, 32, 32))
    h = layers.Conv2D(d, 3, data_format="channels_first", padding="same")(x)
    h = layers.GlobalAveragePooling2D(data_format="channels_first")(layers.BatchNormalization(axis=1)(h))
    return keras.Model(x, layers.Dense(2)(h))


class Subclassed(keras.Model):
    """No graph of its own: it needs to be told its inputs."""

    def __init__(self, d: int = 8) -> None:
        super().__init__()
        self.up, self.down = layers.Dense(d), layers.Dense(3)

    def call(self, x: Any) -> Any:
        return self.down(ops.tanh(self.up(x)))


def recurrent(units: int = 8) -> keras.Model:
    x = keras.Input((None, 5))
    return keras.Model(x, layers.Dense(3)(layers.Bidirectional(layers.LSTM(units))(x)))


def with_code(d: int = 8) -> keras.Model:
    x = keras.Input((4,))
    return keras.Model(x, layers.Lambda(lambda t: t * 2)(layers.Dense(d)(x)))


def no_model() -> int:
    return 3
