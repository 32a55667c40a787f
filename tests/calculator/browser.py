"""A headless Chromium, driven through its debugging pipe: no package is needed for it."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the page itself is not tried")


class Page:
    """One page of a browser, and what it did: `requests`, `faults` (console errors, exceptions, violated policies)."""

    def __init__(self, send: int, receive: int) -> None:
        self.send, self.receive = send, receive
        self.number = 0
        self.left = b""
        self.session: str | None = None
        self.requests: list[str] = []
        self.faults: list[str] = []

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol, and its answer."""
        self.number += 1
        message: dict[str, Any] = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.send, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                assert "error" not in answer, (method, answer["error"])
                result: dict[str, Any] = answer["result"]
                return result
            self.note(answer)

    def read(self) -> dict[str, Any]:
        while b"\0" not in self.left:
            got = os.read(self.receive, 1 << 20)
            assert got, "the browser went away"
            self.left += got
        text, _, self.left = self.left.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message

    def note(self, event: dict[str, Any]) -> None:
        method, told = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.faults.append(str(told["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning", "assert"):
            self.faults.append(str(told["args"]))
        elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.faults.append(told["entry"]["text"])

    def open(self, url: str) -> None:
        """Load an address, and wait until it is there."""
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=url)
        for _ in range(200):
            if self.ask("document.readyState === 'complete' && location.href !== 'about:blank'"):
                return
        raise AssertionError(f"{url} did not load")

    def ask(self, script: str) -> Any:
        """What an expression is in the page; a promise is waited for."""
        done = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def press(self, key: str) -> None:
        """A key that is no letter, such as `ArrowRight`."""
        code = {"ArrowRight": 39, "ArrowLeft": 37, "Tab": 9}[key]
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def resize(self, width: int, height: int = 900, dark: bool = False) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self, path: Path) -> None:
        """The whole page as a PNG."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))


_PLACE = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


@contextmanager
def browser() -> Iterator[Page]:
    """A browser with one page, which is closed at the end."""
    assert CHROMIUM is not None
    to_browser, send = os.pipe()
    receive, from_browser = os.pipe()
    # Chromium reads commands from descriptor 3 and answers on 4. They are put there in a process of their own.
    low = (to_browser, from_browser)
    to_browser, from_browser = (fcntl.fcntl(one, fcntl.F_DUPFD, 10) for one in low)
    for one in low:
        os.close(one)
    flags = "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --remote-debugging-pipe"
    # Helpers of Chromium write a moment longer than itself: what they leave then is not worth a failure.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser_line = [CHROMIUM, *flags.split(), f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(
            [sys.executable, "-c", _PLACE, str(to_browser), str(from_browser), *browser_line],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        try:
            page = Page(send, receive)
            target = page.call("Target.createTarget", url="about:blank")["targetId"]
            page.session = page.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                page.call(f"{domain}.enable")
            yield page
            page.session = None
            page.call("Browser.close")
        finally:
            os.close(send)
            os.close(receive)
            process.terminate()
            process.wait(timeout=20)
