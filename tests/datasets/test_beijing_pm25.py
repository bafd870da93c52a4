"""Beijing PM2.5 from a file and from a server on loopback."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skl_lstm.datasets import fetch_beijing_pm25, load_beijing_pm25

NAME = "PRSA_data_2010.1.1-2014.12.31.csv"
REAL = Path(__file__).parents[3] / "shared" / "data" / "beijing_pm25" / NAME
HEADER = "No,year,month,day,hour,pm2.5,DEWP,TEMP,PRES,cbwd,Iws,Is,Ir\n"
ROWS = [
    "1,2010,1,1,0,NA,-21,-11,1021,NW,1.79,0,0\n",
    "2,2010,1,1,1,129,-21,-12,1020,cv,4.92,0,0\n",
    "3,2010,1,1,2,148,-21,-11,1019,SE,6.71,0,0\n",
]
SMALL = HEADER + "".join(ROWS)


needs_real_file = pytest.mark.skipif(
    not REAL.is_file(), reason="needs the shared Beijing PM2.5 file"
)


@pytest.fixture
def published():
    """Return the file as UCI serves it: the shared copy lacks the last line end."""
    return REAL.read_bytes() + b"\r\n"


class FileServer:
    """Answer with the queued ``(status, body)`` pairs, the last one for ever."""

    def __init__(self):
        self.answers = []
        self.n_requests = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.n_requests += 1
                last = len(server.answers) == 1
                status, body = server.answers[0] if last else server.answers.pop(0)
                self.send_response(status)
                # "short" announces more than it sends, as a broken connection.
                self.send_header("Content-Length", str(len(body) + (status == 299)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/data.csv"
        threading.Thread(target=self.http.serve_forever, args=(0.01,)).start()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server(loopback_only):
    server = FileServer()
    yield server
    server.stop()


@pytest.fixture
def fetch(server, tmp_path):
    def call(**options):
        options = {"data_home": tmp_path / "data", "url": server.url, **options}
        return fetch_beijing_pm25(delay=0.01, **options)

    return call


def list_files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_load_gives_hours_with_gaps_kept(tmp_path):
    (tmp_path / NAME).write_text(SMALL)
    data = load_beijing_pm25(tmp_path / NAME)
    assert list(data.columns) == [*HEADER.strip().split(",")[5:]]
    assert data.index.equals(pd.date_range("2010-01-01", periods=3, freq="h"))
    assert data.index.freqstr == "h"
    assert data["pm2.5"].isna().to_list() == [True, False, False]
    assert data["TEMP"].to_list() == [-11, -12, -11]
    assert data["cbwd"].to_list() == ["NW", "cv", "SE"]
    assert set(data.drop(columns="cbwd").dtypes) == {np.dtype(float)}


def test_load_features_and_target(tmp_path):
    (tmp_path / NAME).write_text(SMALL)
    X, y = load_beijing_pm25(tmp_path / NAME, return_X_y=True)
    assert y.name == "pm2.5"
    assert list(X.columns) == ["DEWP", "TEMP", "PRES", "cbwd", "Iws", "Is", "Ir"]
    # Every direction has its column, in whatever part of the data.
    assert pd.get_dummies(X, columns=["cbwd"], dtype=float).shape == (3, 10)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a CSV file"),
        (HEADER, "Got 0 rows"),
        ("a,b\n1,2\n", r"without the columns \['year'"),
        (HEADER + ROWS[0] + ROWS[2], "Got 2010-01-01 02:00:00 in place of .* 01:00"),
        (SMALL.replace("cv", "S"), r"'cbwd' .* must hold .* Got \['S'\]"),
    ],
)
def test_files_that_do_not_fit(tmp_path, text, message):
    (tmp_path / NAME).write_text(text)
    with pytest.raises(ValueError, match=message):
        load_beijing_pm25(tmp_path / NAME)


@needs_real_file
def test_real_file_has_the_published_size_and_gaps():
    data = load_beijing_pm25(REAL)
    assert data.shape == (43_824, 8)
    assert str(data.index[-1]) == "2014-12-31 23:00:00"
    gaps = data["pm2.5"].isna()
    assert gaps.sum() == data.isna().to_numpy().sum() == 2_067
    assert (gaps & ~gaps.shift(fill_value=False)).sum() == 214
    assert gaps.iloc[:24].all()


@needs_real_file
def test_second_call_works_offline(fetch, server, published):
    server.answers = [(200, published)]
    first = fetch()
    pd.testing.assert_frame_equal(first, load_beijing_pm25(REAL))
    server.stop()
    pd.testing.assert_frame_equal(fetch(), first)
    X, y = fetch(download_if_missing=False, return_X_y=True)
    assert X.shape == (43_824, 7)
    pd.testing.assert_series_equal(y, first["pm2.5"])


@needs_real_file
@pytest.mark.filterwarnings("ignore:Retry downloading")
def test_passing_failures_are_retried(fetch, server, published):
    # 299 stands for a connection that breaks off.
    server.answers = [(503, b""), (429, b""), (299, published), (200, published)]
    assert fetch().shape == (43_824, 8)
    assert server.n_requests == 4


@pytest.mark.filterwarnings("ignore:Retry downloading")
def test_failure_without_end_is_told(fetch, server, tmp_path):
    server.answers = [(503, b"")]
    with pytest.raises(ConnectionError, match=r"could not be downloaded.*503"):
        fetch(n_retries=2)
    assert server.n_requests == 3
    assert list_files(tmp_path) == []


@pytest.mark.filterwarnings("ignore:Retry downloading")
def test_offline_without_a_file_says_so(fetch, server):
    server.stop()
    with pytest.raises(ConnectionError, match="could not be downloaded"):
        fetch()
    with pytest.raises(FileNotFoundError, match="`download_if_missing=False`"):
        fetch(download_if_missing=False)


@pytest.mark.parametrize("body", [SMALL.encode(), b"<html>moved</html>", b""])
def test_another_file_is_refused_and_not_stored(fetch, server, tmp_path, body):
    server.answers = [(200, body)]
    with pytest.raises(OSError, match=r"SHA256 checksum of PRSA.*differs"):
        fetch()
    assert list_files(tmp_path) == []


@needs_real_file
@pytest.mark.filterwarnings("ignore:SHA256 checksum of existing local file")
def test_a_damaged_file_is_downloaded_again(fetch, server, published, tmp_path):
    server.answers = [(200, published)]
    first = fetch()
    (path,) = list_files(tmp_path)
    path.write_bytes(published[:-100])
    with pytest.raises(FileNotFoundError, match="not there or damaged"):
        fetch(download_if_missing=False)
    pd.testing.assert_frame_equal(fetch(), first)
    assert server.n_requests == 2
