"""The folder for downloaded data, and writing to it without half files."""

import os
from pathlib import Path
from uuid import uuid4

DATA_HOME_VARIABLE = "SKL_LSTM_DATA"
DEFAULT_DATA_HOME = "~/skl_lstm_data"


def resolve_data_home(data_home: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder for downloaded data; it need not exist yet.

    Parameters
    ----------
    data_home : str, path-like or None, default=None
        The folder. None takes the environment variable ``SKL_LSTM_DATA`` or,
        without it, ``~/skl_lstm_data``.

    Returns
    -------
    pathlib.Path
        The folder, with ``~`` expanded.
    """
    if data_home is None:
        data_home = os.environ.get(DATA_HOME_VARIABLE, DEFAULT_DATA_HOME)
    return Path(data_home).expanduser()


def make_folder(folder: Path) -> None:
    """Create ``folder`` and its parents.

    Raises
    ------
    OSError
        The folder cannot be created or written to. Said before a download
        starts, so that nothing is fetched in vain.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError as error:
        raise OSError(_describe_unwritable(folder)) from error
    if not writable:
        raise OSError(_describe_unwritable(folder))


def _describe_unwritable(folder: Path) -> str:
    return (
        f"Downloaded data cannot be stored in {str(folder)!r}. Pass a folder that "
        f"can be written to as `data_home`, or set {DATA_HOME_VARIABLE}."
    )


def write_atomically(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` so that the file is old, new, never half.

    The bytes go to a temporary file in the same folder, which then takes the
    place of ``path`` in one step. On any interruption the temporary file is
    removed and ``path`` stays as it was.
    """
    # A unique name keeps parallel downloads of the same file apart; tempfile
    # would hide the file from other users of a shared folder (mode 0600).
    temporary = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
