"""A headless Chromium for tests of pages: one tab, driven by the DevTools protocol over a pipe, so that nothing but
Python is needed."""
import base64
import json
import os
import pathlib
import shutil
import subprocess

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-dev-shm-usage",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def find_browser():
    """The program, or None where there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Browser:
    """Chromium with one tab. `events` holds what the page told since the last open()."""

    def __init__(self, program, profile):
        commands, self.write_end = os.pipe()
        self.read_end, answers = os.pipe()

        def place():  # Chromium reads commands from descriptor 3 and answers on 4
            spare = [os.dup(commands), os.dup(answers)]
            for number, descriptor in zip((3, 4), spare):
                os.dup2(descriptor, number)
        self.process = subprocess.Popen(
            [program, *FLAGS, "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=place, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(answers)
        self.buffer, self.number, self.session, self.events = b"", 0, None, []
        tab = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=tab, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(domain + ".enable")

    def message(self):
        while b"\0" not in self.buffer:
            more = os.read(self.read_end, 1 << 16)
            if not more:
                raise RuntimeError("the browser has ended")
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(line)

    def ask(self, method, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        line = json.dumps(request).encode() + b"\0"
        while line:
            line = line[os.write(self.write_end, line):]
        while True:
            answer = self.message()
            if "method" in answer:
                self.events.append(answer)  # may come before the answer to what caused it
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def open(self, path, fragment=""):
        self.go("about:blank")  # a new fragment alone would open nothing
        self.go(pathlib.Path(path).resolve().as_uri() + fragment)

    def go(self, address):
        self.events.clear()
        self.ask("Page.navigate", url=address)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self.message())

    def evaluate(self, expression):
        """The value of an expression or of what it promises. Raises what it throws."""
        answer = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def set_window(self, width, height, scheme, scale=1, mobile=False):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def frames(self):
        """Waits until what was asked for is drawn."""
        self.evaluate("new Promise(next => requestAnimationFrame(() => requestAnimationFrame(next)))")

    def move(self, x, y):
        self.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.frames()

    def click(self, x, y):
        self.move(x, y)
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1, clickCount=1)
        self.frames()

    def key(self, key, code=None):
        text = {"text": key} if len(key) == 1 else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown", key=key, code=code or key, **text)
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=key, code=code or key)
        self.frames()

    def requests(self):
        """Addresses that the page asked for since open(), its own among them."""
        return [event["params"]["request"]["url"] for event in self.events if event["method"] == "Network.requestWillBeSent"]

    def complaints(self):
        """Errors of scripts and what the console and the browser said."""
        out = [event["params"]["exceptionDetails"] for event in self.events if event["method"] == "Runtime.exceptionThrown"]
        out += [event["params"]["entry"] for event in self.events if event["method"] == "Log.entryAdded"]
        return out + [event["params"] for event in self.events if event["method"] == "Runtime.consoleAPICalled"]

    def picture(self, path):
        data = self.ask("Page.captureScreenshot", captureBeyondViewport=False)["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(data))

    def end(self):
        self.session = None
        try:
            self.ask("Browser.close")
        except (OSError, RuntimeError):
            pass
        self.process.wait()
