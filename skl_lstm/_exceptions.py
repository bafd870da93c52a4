"""Errors that belong to both conventions at once."""

from sklearn.exceptions import NotFittedError as _SklearnNotFittedError
from sktime.exceptions import NotFittedError as _SktimeNotFittedError


class NotFittedError(_SktimeNotFittedError, _SklearnNotFittedError):
    """The estimator has not been fitted: scikit-learn's and sktime's error in one."""


class UnsetHorizonError(AttributeError, ValueError):
    """No forecasting horizon is known.

    A ValueError as in sktime, and an AttributeError, because scikit-learn asks for
    every attribute and expects nothing else from one that is not there.
    """


class ModelFileError(ValueError):
    """A file is not a model that `load_model` can read, or was damaged or edited.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import skl_lstm
    >>> path = Path(tempfile.mkdtemp()) / "no.model"
    >>> size = path.write_bytes(b"nothing of ours")
    >>> try:
    ...     skl_lstm.load_model(path)
    ... except skl_lstm.ModelFileError:
    ...     print("no model")
    no model
    """
