"""Download one file over HTTP, with patience."""

import http.client
import urllib.error
import urllib.request
from time import sleep

from skl_lstm.datasets._retry import generate_waits

# Answers of a server that may be another one a moment later.
_TRANSIENT_STATUS = (408, 425, 429, 500, 502, 503, 504)

_USER_AGENT = "skl_lstm (https://pypi.org/project/skl_lstm)"


def download_bytes(url: str, n_retries: int, delay: float, timeout: float) -> bytes:
    """Return the content behind ``url``.

    Parameters
    ----------
    url : str
        An address that starts with http:// or https://.
    n_retries : int
        Number of further attempts after a failure that may pass.
    delay : float
        Seconds before the first further attempt; doubled before each other.
    timeout : float
        Limit of one step of the download, in seconds.

    Returns
    -------
    bytes
        The content, whole: a connection that breaks off is a failure.

    Raises
    ------
    ValueError
        ``url`` is of another kind.
    ConnectionError
        The server refused, or all attempts failed.
    """
    if not url.startswith(("http://", "https://")):
        raise ValueError(
            f"`url` must start with https:// or http://. Got {url!r} instead."
        )
    last_error: Exception | None = None
    for wait in generate_waits(n_retries, delay):
        sleep(wait)
        try:
            return _read(url, timeout)
        except (OSError, http.client.HTTPException) as error:
            last_error = error
            if not _is_transient(error):
                break
    cause = f"{type(last_error).__name__}: {last_error}".rstrip(".")
    raise ConnectionError(
        f"{url} could not be downloaded. The last error was: {cause}. Check the "
        "network connection and the address."
    ) from last_error


def _read(url: str, timeout: float) -> bytes:
    # Addresses are constants of this package, or written by the caller in person.
    request = urllib.request.Request(  # noqa: S310
        url, headers={"User-Agent": _USER_AGENT}
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:  # noqa: S310
            content: bytes = response.read()
    except urllib.error.HTTPError as error:
        error.close()  # it holds the connection
        raise
    return content


def _is_transient(error: Exception) -> bool:
    if isinstance(error, urllib.error.HTTPError):
        return error.code in _TRANSIENT_STATUS
    return True
