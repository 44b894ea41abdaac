"""Headless Chromium by chromedriver, spoken to as the WebDriver standard says."""

import base64
import json
import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
START_SECONDS = 30
PRINT_SECONDS = 120
TALLEST = 25_000


@dataclass(frozen=True)
class Browser:
    """A session of chromedriver, spoken to as the WebDriver standard says."""

    url: str

    def do(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """The value of an answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - chromedriver on the loopback address
            f"{self.url}{path}", data, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
            return json.load(answer)["value"]

    def tell(self, command: str, **parameters: Any) -> Any:
        """A command of the browser's own protocol."""
        return self.do("/goog/cdp/execute", {"cmd": command, "params": parameters})

    def see(self, page: Path, size: tuple[int, int], *, phone: bool = False, dark: bool = False) -> None:
        """Open the page on a screen of that size."""
        width, height = size
        self.tell(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.tell("Emulation.setEmulatedMedia", media="", features=[scheme])
        self.do("/url", {"url": page.as_uri()})

    def ask(self, script: str) -> Any:
        """What a script in the page returns; the page's policy does not hold for it."""
        return self.do("/execute/sync", {"script": f"return {script}", "args": []})

    def picture(self, target: Path, *, whole: bool = False) -> None:
        """What is on the screen, or the whole page down to a height that still is a picture."""
        clip: dict[str, Any] = {}
        if whole:
            width, height = self.ask("[window.innerWidth, document.documentElement.scrollHeight]")
            area = {"x": 0, "y": 0, "width": width, "height": min(height, TALLEST), "scale": 1}
            clip = {"clip": area, "captureBeyondViewport": True}
        target.write_bytes(base64.b64decode(self.tell("Page.captureScreenshot", **clip)["data"]))


def paper(page: Path, target: Path) -> None:
    """The page as it would be printed. By Chromium alone: chromedriver does not wait for a long one."""
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            ["chromium", *FLAGS, f"--user-data-dir={profile}", f"--print-to-pdf={target}", page.as_uri()],
            check=True,
            capture_output=True,
            timeout=PRINT_SECONDS,
        )


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """Headless Chromium by chromedriver; both are gone afterwards."""
    port = 9515 + os.getpid() % 20000
    driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL)
    root = Browser(f"http://127.0.0.1:{port}")
    try:
        _when_ready(root)
        with tempfile.TemporaryDirectory(dir=folder) as profile:
            wanted = {
                "browserName": "chrome",
                "goog:chromeOptions": {"args": [*FLAGS, f"--user-data-dir={profile}"]},
                "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            }
            made = root.do("/session", {"capabilities": {"alwaysMatch": wanted}})
            session = Browser(f"{root.url}/session/{made['sessionId']}")
            try:
                yield session
            finally:
                request = urllib.request.Request(session.url, method="DELETE")  # noqa: S310 - as above
                urllib.request.urlopen(request, timeout=60).close()  # noqa: S310 - as above
    finally:
        driver.terminate()
        driver.wait()


def _when_ready(root: Browser) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            if root.do("/status")["ready"]:
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("chromedriver did not start")
