"""Functions traced once for each kind of data that they are called with."""

import threading
from collections.abc import Callable
from typing import Any

from skl_lstm._engine.backend import tf
from skl_lstm._engine.leaks import forget_gradients
from skl_lstm._engine.sharing import to_tensors


class Traced:
    """A function traced once, at its first call, for one signature.

    A concrete function rather than a ``tf.function``: that one counts the traces of
    equal methods of different programs and warns of retracing where there is none.
    """

    def __init__(self, function: Callable, *signature: Any):
        self._function = tf.function(function, autograph=False)
        self._signature = signature
        self._lock = threading.Lock()
        self._concrete: Any = None

    def __call__(self, *args: Any) -> Any:
        with self._lock:
            if self._concrete is None:
                self._concrete = self._function.get_concrete_function(*self._signature)
                # Or the graph would outlive its program.
                forget_gradients(self._concrete.graph)
        return self._concrete(*to_tensors(args))
