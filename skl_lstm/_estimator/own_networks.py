"""The hook by which a subclass brings a network of its own."""

from collections.abc import Callable
from typing import Any

from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._training.defaults import resolve_units
from skl_lstm._training.settings import Settings


class OwnNetworksMixin:
    """What reads the window, for subclasses to replace."""

    _cell: str

    def build_encoder(self, window: Any) -> Any:
        """Build what reads a window: the method to override for a network of your own.

        Scaling, the linear map, the output layer, training, intervals and recursion
        stay as they are. ``fit`` calls it, and rebuilds what it builds from its Keras
        configuration. Here, it stacks the recurrent layers of the parameters, so that
        ``super().build_encoder`` puts layers before or after them; otherwise ``units``,
        ``activation``, ``dropout``, ``recurrent_dropout``, ``bidirectional`` and
        ``kernel_regularizer`` are what you make of them.

        Parameters
        ----------
        window : keras.KerasTensor of shape (batch, window_length, n_channels)
            Rows of a window, oldest first, scaled: the target's own past, unless
            ``fit(X, y)`` regresses on X alone, then columns of X.

        Returns
        -------
        keras.KerasTensor of shape (batch, n_features)
            What the output layer reads. Only trainable weights are kept, so no
            BatchNormalization; functions such as those of Lambda layers cannot be
            rebuilt.
        """
        from skl_lstm._engine import config
        from skl_lstm._engine.cells import KERAS_LAYERS
        from skl_lstm._engine.network import recurrent_part

        settings, name = Settings.from_estimator(self), type(self).__name__
        spec = NetworkSpec(
            cell=self._cell,
            units=resolve_units(settings.units),
            window_length=window.shape[1],
            horizon=1,
            n_outputs=window.shape[2],
            n_concurrent=0,
            n_shifted=0,
            autoregressive=True,
            bridges_gaps=False,
            window_scaling=None,
            known_in_window=False,
            linear_skip=False,
            activation=config.name_activation(settings.activation, name),
            dropout=float(settings.dropout),
            recurrent_dropout=float(settings.recurrent_dropout),
            bidirectional=bool(settings.bidirectional),
            kernel_regularizer=config.serialize_regularizer(
                settings.kernel_regularizer, name
            ),
            loss="",
            optimizer="",
            batch_size=1,
            compiled_loop=False,
        )
        return recurrent_part(spec, window, KERAS_LAYERS)


def find_hook(estimator: Any) -> Callable[[Any], Any] | None:
    """Return the method of a subclass that builds an encoder, None for ours."""
    is_ours = type(estimator).build_encoder is OwnNetworksMixin.build_encoder
    return None if is_ours else estimator.build_encoder
