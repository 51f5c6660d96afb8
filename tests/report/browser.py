"""Headless Chromium over the pipe of its DevTools protocol; no driver needed."""

import base64
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-extensions", "--no-first-run", "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip
PATIENCE_S = 30.0
LAUNCH = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
for own, end in zip((3, 4), ends):
    os.dup2(end, own)
os.execv(sys.argv[3], sys.argv[3:])
"""


def chromium():
    """Path of the browser, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


class Page:
    """One tab: its console, its requests, and what a person does in it."""

    def __init__(self, send):
        self._send = send
        self.errors = []
        self.requests = []

    def note(self, message):
        method, values = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.errors.append(values["exceptionDetails"]["text"])
        elif method == "Runtime.consoleAPICalled" and values["type"] in ("error", "assert"):
            self.errors.append(str([one.get("value") for one in values["args"]]))
        elif method == "Log.entryAdded" and values["entry"]["level"] == "error":
            self.errors.append(values["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(values["request"]["url"])

    def evaluate(self, expression):
        answer = self._send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait(self, expression):
        """Value of an expression as soon as it is true."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if value := self.evaluate(expression):
                return value
            time.sleep(0.05)
        raise AssertionError(f"never true: {expression}; console: {self.errors}")

    def move(self, x, y):
        self._send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def click(self, x, y):
        for kind, held in (("mousePressed", 1), ("mouseReleased", 0)):
            self._send(
                "Input.dispatchMouseEvent",
                type=kind, x=x, y=y, button="left", buttons=held, clickCount=1,
            )  # fmt: skip
            time.sleep(0.2)  # a frame is drawn while the button is down

    def resize(self, width, height):
        self._send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip

    def media(self, name):
        self._send("Emulation.setEmulatedMedia", media=name)

    def picture(self, path, *, whole=False):
        answer = self._send("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))

    def pdf(self, path):
        answer = self._send("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        path.write_bytes(base64.b64decode(answer["data"]))


@contextlib.contextmanager
def opened(file, profile, *, width=1300, height=1000):
    """A ``Page`` that shows a file; the browser ends with the block."""
    to_child, our_write = os.pipe()
    our_read, from_child = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", LAUNCH, str(to_child), str(from_child), chromium(), *FLAGS,
         f"--user-data-dir={profile}"],
        pass_fds=(to_child, from_child),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    os.close(to_child)
    os.close(from_child)
    try:
        yield _attach(our_write, our_read, file, width, height)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(our_write)
        os.close(our_read)


def _attach(write, read, file, width, height):
    numbers = iter(range(1, 1_000_000))
    state = {"rest": b"", "session": None, "page": None}

    def send(method, **values):
        number = next(numbers)
        message = {"id": number, "method": method, "params": values}
        if state["session"]:
            message["sessionId"] = state["session"]
        os.write(write, json.dumps(message).encode() + b"\0")
        while True:
            answer = receive()
            if answer.get("id") == number:
                assert "error" not in answer, answer["error"]
                return answer["result"]
            if state["page"]:
                state["page"].note(answer)

    def receive():
        while b"\0" not in state["rest"]:
            ready, _, _ = select.select([read], [], [], PATIENCE_S)
            assert ready, "the browser does not answer"
            chunk = os.read(read, 1 << 16)
            assert chunk, "the browser ended"
            state["rest"] += chunk
        first, _, state["rest"] = state["rest"].partition(b"\0")
        return json.loads(first)

    target = send("Target.createTarget", url="about:blank")["targetId"]
    state["session"] = send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    page = state["page"] = Page(send)
    for domain in ("Page", "Runtime", "Log", "Network"):
        send(f"{domain}.enable")
    page.resize(width, height)
    send("Page.navigate", url=file.resolve().as_uri())
    page.wait("document.readyState === 'complete' && location.protocol === 'file:'")
    return page
