"""A server on loopback that answers as Yahoo Finance does, and the way to it."""

import json
import re
import threading
from collections import defaultdict, deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest

NEW_YORK = "America/New_York"
HOLIDAYS_2020 = pd.DatetimeIndex(["2020-01-01", "2020-01-20", "2020-02-17"])
ADJUSTMENT = 0.5  # adjusted close / close of all bars


def make_bars(dates, seed=0):
    """Return raw OHLCV bars of a random walk, as Yahoo holds them."""
    rng = np.random.default_rng(seed)
    dates = pd.DatetimeIndex(dates)
    close = 100 * np.exp(0.01 * rng.normal(size=len(dates)).cumsum())
    open_ = close * (1 + 0.002 * rng.normal(size=len(dates)))
    return pd.DataFrame(
        {
            "open": open_,
            "high": np.maximum(open_, close) * 1.01,
            "low": np.minimum(open_, close) * 0.99,
            "close": close,
            "volume": rng.integers(1_000, 9_000, size=len(dates)),
            "adjclose": ADJUSTMENT * close,
        },
        index=dates,
    )


TRADING_DAYS = pd.bdate_range("2019-12-02", "2020-06-30").difference(HOLIDAYS_2020)
BARS = {
    "AAPL": make_bars(TRADING_DAYS, seed=1),
    "MSFT": make_bars(TRADING_DAYS, seed=2),
    "^GSPC": make_bars(TRADING_DAYS, seed=3),
    # Listed in the course of the span, and a holiday of its own.
    "NEWCO": make_bars(TRADING_DAYS[TRADING_DAYS >= "2020-01-15"].delete(5), seed=4),
    "BTC-USD": make_bars(pd.date_range("2019-12-02", "2020-06-30"), seed=5),
}


class YahooServer:
    """Answer chart, cookie and crumb requests of yfinance on 127.0.0.1.

    ``script(symbol, status, ...)`` queues answers that come before the data; the
    status 429 is a rate limit, 502 a broken gateway, "html" an unreadable page,
    "empty" a result without bars.
    """

    def __init__(self):
        self.requests = []
        self.scripts = defaultdict(deque)
        self.forever = {}
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._build_handler())
        self.port = self.http.server_port
        threading.Thread(target=self.http.serve_forever, args=(0.01,)).start()

    def script(self, symbol, *answers):
        self.scripts[symbol].extend(answers)

    def stop(self):
        self.http.shutdown()
        self.http.server_close()

    def get_bars(self, symbol, start="2020-01-01", end="2020-03-02"):
        """Return the bars of a span, adjusted; ``end`` is exclusive."""
        bars = BARS[symbol]
        bars = bars[(bars.index >= start) & (bars.index < end)]
        prices = bars[["open", "high", "low", "close"]] * ADJUSTMENT
        return prices.assign(volume=bars["volume"])

    def list_charts(self):
        """Return the symbols whose prices (not the time zone) were asked for."""
        paths = [r for r in self.requests if "/v8/finance/chart/" in r]
        return [r.split("?")[0].split("/")[-1] for r in paths if "period1" in r]

    def _build_handler(server):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.requests.append(self.headers["Host"] + self.path)
                status, body, cookie = server.answer(self.headers["Host"], self.path)
                data = body.encode()
                self.send_response(status)
                if cookie:
                    self.send_header("Set-Cookie", cookie)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_POST(self):
                self.do_GET()

            def log_message(self, *args):
                pass

        return Handler

    def answer(self, host, path):
        url = urlsplit(path)
        symbol = url.path.rsplit("/", 1)[-1].replace("%5E", "^")
        if host.startswith("fc."):
            cookie = "A3=d=AQAB; Max-Age=31557600; Domain=.yahoo.com; Path=/"
            return 404, "", cookie
        if url.path == "/v1/test/getcrumb":
            return 200, "Xa1b2c3d4e5", None
        if "/v8/finance/chart/" in url.path:
            return *self.answer_chart(symbol, parse_qs(url.query)), None
        if "quoteSummary" in url.path:
            error = {"code": "Not Found", "description": "Quote not found"}
            return (
                404,
                json.dumps({"quoteSummary": {"result": None, "error": error}}),
                None,
            )
        if "/v7/finance/quote" in url.path:
            return (
                200,
                json.dumps({"quoteResponse": {"result": [], "error": None}}),
                None,
            )
        return 200, "<html><body>no form here</body></html>", None

    def answer_chart(self, symbol, query):
        special = self.forever.get(symbol)
        if special is None and self.scripts[symbol]:
            special = self.scripts[symbol].popleft()
        if special == 429:
            return 429, "Edge: Too Many Requests"
        if special == 502:
            return 502, "<html><body>Bad Gateway</body></html>"
        if special == "html":
            return 200, "<html><body>Something new</body></html>"
        if symbol not in BARS:
            return 404, chart_error(
                "Not Found", "No data found, symbol may be delisted"
            )
        bars = BARS[symbol]
        interval = query["interval"][0]
        if "period1" in query:
            start, end = int(query["period1"][0]), int(query["period2"][0])
            seconds = to_seconds(bars.index)
            bars = bars[(seconds >= start) & (seconds < end)]
            if bars.empty and special != "empty":
                text = f"Data doesn't exist for startDate = {start}, endDate = {end}"
                return 400, chart_error("Bad Request", text)
        if special == "empty":
            bars = bars.iloc[:0]
        return 200, chart_result(symbol, bars, interval)


def to_seconds(dates):
    """Return the UNIX time of 09:30 in New York."""
    opening = (dates + pd.Timedelta(hours=9, minutes=30)).tz_localize(NEW_YORK)
    return (opening - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(seconds=1)


def chart_error(code, description):
    error = {"code": code, "description": description}
    return json.dumps({"chart": {"result": None, "error": error}})


def chart_result(symbol, bars, interval):
    period = {"timezone": "EST", "start": 0, "end": 1, "gmtoffset": -18000}
    meta = {
        "currency": "USD",
        "symbol": symbol,
        "exchangeName": "NMS",
        "fullExchangeName": "NasdaqGS",
        "instrumentType": "EQUITY",
        "firstTradeDate": 345479400,
        "regularMarketTime": 1593547201,
        "gmtoffset": -14400,
        "timezone": "EDT",
        "exchangeTimezoneName": NEW_YORK,
        "regularMarketPrice": 100.0,
        "chartPreviousClose": 100.0,
        "priceHint": 2,
        "currentTradingPeriod": {k: dict(period) for k in ("pre", "regular", "post")},
        "dataGranularity": interval,
        "range": "",
        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "max"],
    }
    result = {"meta": meta, "indicators": {"quote": [{}], "adjclose": [{}]}}
    if not bars.empty:
        fields = ["open", "high", "low", "close", "volume"]
        result["timestamp"] = [int(second) for second in to_seconds(bars.index)]
        result["indicators"] = {
            "quote": [{name: bars[name].tolist() for name in fields}],
            "adjclose": [{"adjclose": bars["adjclose"].tolist()}],
        }
    return json.dumps({"chart": {"result": [result], "error": None}})


@pytest.fixture
def loopback_only(monkeypatch):
    """Keep requests from the proxies of the environment."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def yahoo(monkeypatch, tmp_path, loopback_only):
    """Start a `YahooServer` and send every request of the real yfinance to it.

    The host names stay Yahoo's, so that cookies behave; names are resolved to
    127.0.0.1 whatever they are, and https becomes http at the server's port.
    """
    yfinance = pytest.importorskip("yfinance")
    curl_cffi = pytest.importorskip("curl_cffi")
    server = YahooServer()

    class LoopbackSession(curl_cffi.requests.Session):
        def __init__(self, **options):
            resolve = {curl_cffi.CurlOpt.RESOLVE: [f"*:{server.port}:127.0.0.1"]}
            super().__init__(curl_options=resolve, **options)

        def request(self, method, url, *args, **kwargs):
            url = re.sub(r"^https?://([^/:]+)(:\d+)?", rf"http://\1:{server.port}", url)
            return super().request(method, url, *args, **kwargs)

    # All of yfinance's sessions are made of this name.
    monkeypatch.setattr(curl_cffi.requests, "Session", LoopbackSession)
    monkeypatch.setattr("yfinance.data.SingletonMeta._instances", {})
    reset_yfinance_caches(monkeypatch, yfinance, tmp_path / "yfinance")
    yield server
    server.stop()
    yfinance.data.YfData.cache_get.cache_clear()
    yfinance.cache._TzDBManager.close_db()


def reset_yfinance_caches(monkeypatch, yfinance, folder):
    """Let yfinance start as in a new process, with its own files in ``folder``."""
    cache = yfinance.cache
    monkeypatch.setattr(cache._TzCacheManager, "_tz_cache", None)
    monkeypatch.setattr(cache._CookieCacheManager, "_Cookie_cache", None)
    monkeypatch.setattr(cache._ISINCacheManager, "_isin_cache", None)
    yfinance.set_tz_cache_location(str(folder))
    monkeypatch.setattr("yfinance.base._tz_info_fetch_ctr", 0)
    yfinance.data.YfData.cache_get.cache_clear()
