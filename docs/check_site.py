"""Look at every page of the built site, in a headless Chromium: `make docs-check`.

Links and images must lead somewhere inside the site, nothing may be fetched from
outside, and every page must render at the widths of a desk and of a phone without
scrolling sideways. Needs nothing but Python and a Chromium.
"""

import argparse
import functools
import http.server
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDTHS = {"desk": 1280, "phone": 390}
SHOTS = (
    "index.html",
    "quickstart.html",
    "cells.html",
    "gallery/index.html",
    "runs/plot_stock_tutorial.html",
    "runs/plot_pm25_tutorial.html",
    "generated/skl_lstm.LSTMForecaster.html",
    "forecasting.html",
    "accuracy.html",
    "migrating.html",
    "stores.html",
)
# Every page in a frame of each width. A frame is a window of its own to style sheets.
HARNESS = """<!doctype html><meta charset="utf-8"><title>check</title><body><script>
const pages = {pages}, widths = {widths}, found = [];
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
async function look(page, name, width) {{
  const frame = document.createElement("iframe");
  frame.style.cssText = `width:${{width}}px;height:900px;border:0`;
  const loaded = new Promise((done) => (frame.onload = done));
  frame.src = "/" + page;
  document.body.append(frame);
  await Promise.race([loaded, wait(20000)]);
  await wait(150);
  const inside = frame.contentDocument, root = inside.documentElement;
  // Cut off: beyond the edge, and in nothing that scrolls by itself.
  const scrolls = (e) => e && e !== inside.body && (
    /auto|scroll/.test(frame.contentWindow.getComputedStyle(e).overflowX)
    && !e.matches("html, main, article, section, .bd-content, [class*=article]")
    || scrolls(e.parentElement));
  const isCut = (e) => e.getClientRects().length
    && e.getBoundingClientRect().right > width + 1 && !scrolls(e.parentElement)
    && !scrolls(e);
  const images = [...inside.images];
  images.forEach((image) => (image.loading = "eager"));
  await Promise.all(images.map((image) => image.decode().catch(() => null)));
  found.push({{
    page, name, width,
    scroll: root.scrollWidth,
    wide: [...inside.querySelectorAll("main article *")].filter(isCut)
      .map((e) => e.tagName + "." + e.className).slice(0, 3),
    heading: (inside.querySelector("h1") || {{}}).innerText || "",
    text: inside.body.innerText.length,
    broken: images.filter((i) => !i.naturalWidth).map((i) => i.src),
  }});
  frame.remove();
}}
(async () => {{
  for (const page of pages)
    for (const [name, width] of Object.entries(widths)) {{
      try {{ await look(page, name, width); }}
      catch (error) {{ found.push({{page, name, error: String(error)}}); }}
    }}
  await fetch("/found", {{method: "POST", body: JSON.stringify(found)}});
}})();
</script>"""
PHONE = """<!doctype html><style>body{{margin:0}}iframe{{border:0}}</style>
<iframe src="/{page}" width="390" height="{height}"></iframe>"""


class PageParser(HTMLParser):
    """Gathers what a page links to, loads, and can be linked at."""

    def __init__(self) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Sort one element."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.add(given["href"])
        elif tag in ("img", "script", "source") and given.get("src"):
            self.loads.add(given["src"])
        elif tag == "link" and given.get("rel") in ("stylesheet", "preload", "icon"):
            self.loads.add(given.get("href", ""))


def read_pages(site: Path) -> dict[str, PageParser]:
    """Parse every page of the site, keyed by its path."""
    pages = {}
    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site).as_posix()
        if name.startswith("_static/"):
            continue
        pages[name] = PageParser()
        pages[name].feed(path.read_text(encoding="utf-8"))
    return pages


def check_targets(site: Path, pages: dict[str, PageParser]) -> list[str]:
    """List links and files that lead nowhere, and files that come from outside."""
    faults = []
    for name, page in pages.items():
        for target in sorted(page.links | page.loads):
            if target.startswith(("http:", "https:", "//")):
                if target in page.loads:
                    faults.append(f"{name} loads {target} from outside")
                continue
            if target.startswith(("mailto:", "data:", "javascript:")):
                continue
            path, anchor = urldefrag(urljoin(f"/{name}", target))
            path, anchor = unquote(path).lstrip("/").split("?")[0], unquote(anchor)
            if path and not (site / path).exists():
                faults.append(f"{name}: {target} does not exist")
            elif anchor and path in pages and anchor not in pages[path].anchors:
                faults.append(f"{name}: {target} has no such place")
    return faults


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the site and what looks at it, and takes what was found."""

    extra: dict[str, str] = {}
    found: "queue.Queue[list[dict[str, Any]]]" = queue.Queue()

    def do_GET(self) -> None:
        """Serve a page of ours, or a file of the site."""
        text = self.extra.get(self.path)
        if text is None:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())

    def do_POST(self) -> None:
        """Take the findings."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        self.found.put(json.loads(body))

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def find_browser() -> str:
    """Return the path of a Chromium."""
    for name in (os.environ.get("CHROMIUM", ""), *BROWSERS):
        path = shutil.which(name)
        if path:
            return path
    sys.exit("No Chromium found. Install one, or name it: CHROMIUM=/path make ...")


def start_browser(url: str, *options: str) -> "subprocess.Popen[str]":
    """Start a headless Chromium that reaches this machine only."""
    command = [find_browser(), "--headless=new", "--no-sandbox", "--disable-gpu"]
    command += ["--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run"]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    return subprocess.Popen(  # noqa: S603
        [*command, *options, url],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def look_at_pages(address: str, names: list[str], timeout: float) -> list[str]:
    """Render all pages at all widths; list what is wrong."""
    Handler.extra["/check"] = HARNESS.format(
        pages=json.dumps(names), widths=json.dumps(WIDTHS)
    )
    with tempfile.TemporaryDirectory() as profile:
        browser = start_browser(
            f"{address}/check",
            f"--user-data-dir={profile}",
            "--enable-logging=stderr",
            "--window-size=1400,1000",
        )
        lines: list[str] = []
        assert browser.stderr is not None
        reader = threading.Thread(target=lines.extend, args=(browser.stderr,))
        reader.start()
        try:
            found = Handler.found.get(timeout=timeout)
        except queue.Empty:
            sys.exit(f"Chromium did not finish within {timeout} s:\n{''.join(lines)}")
        finally:
            browser.terminate()
            browser.wait()
            reader.join()
    faults = [fault for one in found for fault in describe(one)]
    errors = sorted({line.strip() for line in lines if "Uncaught" in line})
    assert len(found) == len(names) * len(WIDTHS)
    return faults + errors


def describe(one: dict[str, Any]) -> list[str]:
    """Put in words what is wrong with a page at a width."""
    where = f"{one['page']} at {one['name']}"
    if "error" in one:
        return [f"{where}: {one['error']}"]
    faults = [f"{where}: image {source} is broken" for source in one["broken"]]
    if one["scroll"] > one["width"] or one["wide"]:
        wide = ", ".join(one["wide"])
        faults.append(f"{where}: {one['scroll']} px wide, {one['width']} fit: {wide}")
    if one["page"] not in ("genindex.html", "search.html"):
        if not one["heading"]:
            faults.append(f"{where}: no heading")
        if one["text"] < 200:
            faults.append(f"{where}: only {one['text']} letters")
    return faults


def take_shots(address: str, names: list[str], folder: Path) -> None:
    """Write pictures of some pages, at both widths."""
    folder.mkdir(parents=True, exist_ok=True)
    for page in names:
        Handler.extra[f"/phone/{page}"] = PHONE.format(page=page, height=1500)
        for width, url in (
            ("desk", f"{address}/{page}"),
            ("phone", f"{address}/phone/{page}"),
        ):
            path = (
                folder / f"{page.replace('/', '_').removesuffix('.html')}_{width}.png"
            )
            size = "1280,1500" if width == "desk" else "500,1500"
            start_browser(
                url, f"--screenshot={path}", f"--window-size={size}", "--timeout=5000"
            ).communicate(timeout=60)


def main() -> None:
    """Check the site; exit with 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("site", type=Path)
    parser.add_argument("--shots", type=Path, help="folder for pictures of some pages")
    parser.add_argument("--timeout", type=float, default=600, help="seconds")
    options = parser.parse_args()
    pages = read_pages(options.site)
    faults = check_targets(options.site, pages)
    handler = functools.partial(Handler, directory=str(options.site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        faults += look_at_pages(address, list(pages), options.timeout)
        if options.shots:
            take_shots(address, [p for p in SHOTS if p in pages], options.shots)
        server.shutdown()
    n_targets = sum(len(page.links | page.loads) for page in pages.values())
    print("\n".join(faults))
    print(
        f"{len(pages)} pages at {len(WIDTHS)} widths, {n_targets} links and files: "
        f"{len(faults)} faults"
    )
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
