"""Signatures for methods that take the calls of two conventions."""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def show_signature(text: str) -> Callable[[Function], Function]:
    """Show a signature to help and introspection, while every call form goes through.

    ``fit(y, X=X)`` gives ``X`` twice to a function declared as ``fit(X, y)``, so the
    methods take any arguments and `_protocol` sorts them.

    Parameters
    ----------
    text : str
        Name and arguments after ``self``, such as ``"fit(X, y=None)"``.
    """
    namespace: dict[str, Any] = {}
    name, arguments = text.split("(", 1)
    # The text is written in this package, never given by a user.
    exec(f"def {name}(self, {arguments}: pass", namespace)  # noqa: S102
    signature = inspect.signature(namespace[name])

    def decorate(function: Function) -> Function:
        function.__signature__ = signature  # type: ignore[attr-defined]
        return function

    return decorate
