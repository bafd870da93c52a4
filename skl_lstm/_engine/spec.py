"""What a network is, as a value: the key under which its program is cached."""

import json
from dataclasses import dataclass, replace
from functools import cached_property

# The legal `window_scaling` besides None; `network.WINDOW_SCALINGS` says what they do.
WINDOW_SCALING_NAMES = ("standard", "level")
# Least unit of a window, as a fraction of the training data's own spread (which the
# scaler has made about one): a constant window must not be blown up.
SPREAD_FLOOR = 0.1

# Turns of the GRU's loops after which two fits earn back XLA's compilation (about
# 0.3 s for each new shape): compiled, a turn of a small network is 0.06 ms shorter.
TURNS_TO_COMPILE = 2_500

# Measured on two cores: below this a part of a batch is too small to be worth a thread,
# above it the working set of a part falls out of the cache.
ROWS_PER_PART = 64
SMALLEST_SPLIT_BATCH = 16


def n_parts(batch: int) -> int:
    """Count the parts into which a batch of this many rows is cut."""
    if batch < SMALLEST_SPLIT_BATCH or batch % 2:
        return 1
    parts = max(2, batch // ROWS_PER_PART)
    return parts if batch % parts == 0 else 2


def pays_to_compile(cell: str, n_steps: int, window_length: int, n_layers: int) -> bool:
    """Whether XLA should compile the training loop of a cell.

    Only the GRU has a loop of ours to compile: the LSTM runs as one operation.
    """
    return cell == "gru" and n_steps * window_length * n_layers >= TURNS_TO_COMPILE


@dataclass(frozen=True)
class NetworkSpec:
    """Everything that decides the compiled graph of a network, and nothing else.

    Two estimators with equal specifications share one compiled program, see
    `shared`. The length of the series, the learning rate, the number of epochs and the
    seed are numbers handed to that program, so they are not part of the specification.

    Parameters
    ----------
    cell : {"lstm", "gru", "rnn"}
        Recurrent cell.
    units : tuple of int
        Width of each recurrent layer, first layer first.
    window_length : int
        Time steps that the network sees.
    horizon : int
        Time steps that the network emits in one pass.
    n_outputs : int
        Target columns.
    n_concurrent, n_shifted : int
        Exogenous columns that are known up to the forecast step ("concurrent"), and
        those known only up to the step before it ("shifted").
    autoregressive : bool
        Whether the target's own past is an input.
    bridges_gaps : bool
        Whether targets may be missing in the target's own past.
    window_scaling : {"standard", "level"} or None
        How each window is normalized, see `network.normalize_window`.
    known_in_window : bool
        Whether the network reads the concurrent columns. If not, what they explain is
        taken off before and added after it, by a transfer function.
    linear_skip : bool
        Whether a linear map of the window is added to the recurrent part.
    activation : str
        Keras name of the cell's activation.
    dropout, recurrent_dropout : float
        Rates in [0, 1): of each layer's outputs, and inside the recurrence.
    bidirectional : bool
        Whether each layer also reads the window backwards.
    kernel_regularizer, loss, optimizer : str or None
        Keras configurations as JSON; the optimizer's without its learning rate.
    batch_size : int
        Windows per training step.
    compiled_loop : bool
        Whether the training pass of a cell without a fused operation is compiled
        by XLA, see `pays_to_compile`.
    n_decoded : int, default=0
        Columns of each row of an encoder and decoder, which reads the window and
        steps on over the rows to forecast, all of them laid out beforehand; 0 for a
        network that emits all steps at once.
    weighted : bool, default=False
        Whether the errors of some rows count more than those of others.
    encoder : str or None, default=None
        What a hook of the user's builds in place of the recurrent layers, see
        `own_encoder.EncoderText`; ``units`` then is the number of its features.
    """

    cell: str
    units: tuple[int, ...]
    window_length: int
    horizon: int
    n_outputs: int
    n_concurrent: int
    n_shifted: int
    autoregressive: bool
    bridges_gaps: bool
    window_scaling: str | None
    known_in_window: bool
    linear_skip: bool
    activation: str
    dropout: float
    recurrent_dropout: float
    bidirectional: bool
    kernel_regularizer: str | None
    loss: str
    optimizer: str
    batch_size: int
    compiled_loop: bool
    n_decoded: int = 0
    weighted: bool = False
    encoder: str | None = None

    @cached_property
    def n_channels(self) -> int:
        """Columns of the window that the network sees."""
        if self.n_decoded:
            return self.n_decoded
        own_past = self.n_outputs if self.autoregressive else 0
        known = self.n_concurrent if self.known_in_window else 0
        return own_past + known + self.n_shifted

    @cached_property
    def n_features(self) -> int:
        """Columns of the exogenous data."""
        return self.n_concurrent + self.n_shifted

    @cached_property
    def sees_future(self) -> bool:
        """Whether exogenous values of later forecast steps reach the head."""
        if self.n_decoded:
            return False
        return self.known_in_window and self.horizon > 1 and self.n_concurrent > 0

    @cached_property
    def n_emitted(self) -> int:
        """Numbers that the output layer emits at a time: a decoder emits one step."""
        return self.n_outputs * (1 if self.n_decoded else self.horizon)

    @cached_property
    def n_hidden(self) -> int:
        """Width of the layer of a decoder that joins state and row."""
        return 2 * self.units[-1]

    @cached_property
    def lowest_origin(self) -> int:
        """The first window: rows of tables are counted from zero."""
        return 0 if self.n_decoded else self.window_length

    def shared(self) -> "NetworkSpec":
        """Return the specification of the program that this network is trained with.

        Batches are numbers, too: networks that differ in their size alone share a
        program if it cuts both into as many parts. Only XLA must know the size.
        """
        if self.compiled_loop:
            return self
        parts = n_parts(self.batch_size)
        smallest = {1: 1, 2: SMALLEST_SPLIT_BATCH}.get(parts, parts * ROWS_PER_PART)
        return replace(self, batch_size=smallest)

    def weight_shapes(self) -> list[tuple[str, tuple[int, ...]]]:
        """List role and shape of every weight, in the order Keras keeps them.

        Roles: "kernel" and "recurrent_kernel" of a cell, "lstm_bias", "gru_bias",
        "rnn_bias", "head" for the output layer, "encoder" for what a hook has built,
        and "zeros" for everything else.
        """
        shapes, width = self._encoder_shapes()
        if self.n_decoded:
            shapes.append(("kernel", (width + self.n_decoded, self.n_hidden)))
            shapes.append(("zeros", (self.n_hidden,)))
            width = self.n_hidden
        emitted = self.n_emitted
        shapes += [("head", (width, emitted)), ("zeros", (emitted,))]
        if self.linear_skip:
            shapes.append(("zeros", (self.window_length * self.n_channels, emitted)))
        if self.sees_future:
            shapes.append(("zeros", (self.n_concurrent, self.n_outputs)))
        return shapes

    def _encoder_shapes(self) -> tuple[list[tuple[str, tuple[int, ...]]], int]:
        """List the weights of what reads the window, and count its features."""
        if self.encoder is not None:
            own = json.loads(self.encoder)["weights"]
            return [("encoder", tuple(shape)) for shape in own], self.units[-1]
        gates = {"lstm": 4, "gru": 3, "rnn": 1}[self.cell]
        shapes: list[tuple[str, tuple[int, ...]]] = []
        width = self.n_channels
        for units in self.units:
            # Keras' GRU keeps an input and a recurrent bias (reset_after=True).
            bias = (2, gates * units) if self.cell == "gru" else (gates * units,)
            layer = [
                ("kernel", (width, gates * units)),
                ("recurrent_kernel", (units, gates * units)),
                (f"{self.cell}_bias", bias),
            ]
            shapes += layer * (2 if self.bidirectional else 1)
            width = units * (2 if self.bidirectional else 1)
        return shapes, width
