"""Cures of two leaks of TensorFlow, which reach for private names of it and of Keras.

They fail soft: where a release renames what they reach for, memory is not given back,
and every fit and forecast goes on as before.
"""

import inspect
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any

from skl_lstm._engine.backend import keras, tf

# Under which Keras lists the variables that wait for their values.
WAITING = "uninitialized_variables"
# And the names that it has given.
COUNTS = "object_name_uids"


@contextmanager
def without_values() -> Iterator[None]:
    """Build layers whose variables never get a value; whoever calls them brings it.

    Of every variable that has a value TensorFlow keeps some 35 KB for ever, if its name
    is new; and Keras numbers the random generators of its layers.
    """
    waiting = _list_waiting()
    try:
        with _open_stateless_scope():
            yield
    finally:
        # Or Keras would give them a value after all, at the end of its next such scope.
        _set_waiting(waiting)


def _open_stateless_scope() -> AbstractContextManager:
    with suppress(Exception):
        return keras.StatelessScope(initialize_variables=False)
    return nullcontext()


def _list_waiting() -> list[Any]:
    with suppress(Exception):
        from keras.src.backend.common import global_state

        return list(global_state.get_global_attribute(WAITING) or [])
    return []


def _set_waiting(variables: list[Any]) -> None:
    with suppress(Exception):
        from keras.src.backend.common import global_state

        global_state.set_global_attribute(WAITING, variables)


def forget_gradients(graph: Any) -> None:
    """Drop what TensorFlow keeps for ever of the custom gradients inside a graph.

    Each custom gradient met while a function is traced goes into a registry of the
    process, and its graph with it: some megabytes for every program, long after it was
    dropped. Only a gradient of the traced function itself would need them; ours are
    inside, where the tape had found them without the registry.
    """
    with suppress(Exception):
        from tensorflow.python.framework import ops

        registry = ops.gradient_registry._registry
        # A list, as another thread may be tracing.
        for name, entry in list(registry.items()):
            is_custom = name.startswith("CustomGradient-")
            if is_custom and _lies_inside(entry["type"], graph):
                registry.pop(name, None)


def _lies_inside(gradient: Any, graph: Any) -> bool:
    """Whether a custom gradient is of a tensor in a graph, or in one nested in it."""
    # Two closures deep in TensorFlow's wrappers is what the gradient is of.
    held = gradient
    for name in ("tape_grad_fn", "result"):
        held = inspect.getclosurevars(held).nonlocals.get(name)
        if held is None:
            return False
    inner = getattr(tf.nest.flatten(held)[0], "graph", None)
    while inner is not None and inner is not graph:
        inner = getattr(inner, "outer_graph", None)
    return inner is graph


@contextmanager
def fresh_names() -> Iterator[None]:
    """Let Keras number the names of layers from the start, then go on as before.

    The same layers then have the same names, whatever was built before.
    """
    counts = _swap_counts(None)
    try:
        yield
    finally:
        _swap_counts(counts)


def _swap_counts(counts: Any) -> Any:
    with suppress(Exception):
        from keras.src.backend.common import global_state

        before = global_state.get_global_attribute(COUNTS)
        global_state.set_global_attribute(COUNTS, counts)
        return before
    return None
