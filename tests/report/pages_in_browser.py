#!/usr/bin/env python3
"""Opens pages in a headless Chromium and measures them: at 1280 and at 400 pixels no page is wider than its window,
light and dark.

    pages_in_browser.py --writer build/release/write_pages --folder pages    pages of every kind, made first
    pages_in_browser.py report.html another.html                             pages that are there
    --screenshots FOLDER                                                     keeps pictures to look at

Exit code 77 where there is no Chromium. Speaks the DevTools protocol over a pipe, so nothing but Python is needed.
"""
import argparse
import base64
import glob
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

WIDTHS = (1280, 400)
SCHEMES = ("light", "dark")
SKIPPED = 77

# Elements that reach beyond the window and that no box of their own scrolls or cuts.
FIND_WIDE = """(() => {
  for (const d of document.querySelectorAll('details')) d.open = true;
  const width = document.documentElement.clientWidth, wide = [];
  const isBoxed = e => {
    for (let p = e.parentElement; p; p = p.parentElement)
      if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(p).overflowX)) return true;
    return false;
  };
  for (const e of document.body.querySelectorAll('*')) {
    if (e.getBoundingClientRect().right > width + 0.5 && !isBoxed(e))
      wide.push(e.tagName + '.' + (e.getAttribute('class') || '') + ' ' + e.textContent.slice(0, 30));
  }
  return JSON.stringify({scroll: document.documentElement.scrollWidth, client: width, wide: wide.slice(0, 5),
                         background: getComputedStyle(document.body).backgroundColor,
                         sheets: document.styleSheets.length, elements: document.body.querySelectorAll('*').length});
})()"""


class Browser:
    """Chromium with one tab."""

    def __init__(self, program, profile):
        commands, self.write_end = os.pipe()
        self.read_end, answers = os.pipe()

        def place():  # Chromium reads commands from descriptor 3 and answers on 4
            spare = [os.dup(commands), os.dup(answers)]
            for number, descriptor in zip((3, 4), spare):
                os.dup2(descriptor, number)
        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
             "--disable-dev-shm-usage", "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=place, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(answers)
        self.buffer, self.number, self.session, self.events = b"", 0, None, []
        tab = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=tab, flatten=True)["sessionId"]
        self.ask("Page.enable")

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
                self.events.append(answer["method"])  # may come before the answer to what caused it
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def open(self, path):
        self.events.clear()
        self.ask("Page.navigate", url=pathlib.Path(path).resolve().as_uri())
        while "Page.loadEventFired" not in self.events:
            self.events.append(self.message().get("method"))

    def measure(self, width, scheme):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        return json.loads(self.ask("Runtime.evaluate", expression=FIND_WIDE)["result"]["value"])

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


def faults_of(browser, path, screenshots):
    browser.open(path)
    faults, backgrounds = [], set()
    for width in WIDTHS:
        for scheme in SCHEMES:
            seen = browser.measure(width, scheme)
            backgrounds.add(seen["background"])
            if screenshots:
                browser.picture(f"{screenshots}/{pathlib.Path(path).stem}_{width}_{scheme}.png")
            where = f"{path} at {width} pixels, {scheme}"
            if seen["client"] != width or seen["sheets"] != 1 or seen["elements"] < 20:
                faults.append(f"{where}: not shown as it should be: {seen}")
            if seen["scroll"] > seen["client"] or seen["wide"]:
                faults.append(f"{where}: {seen['scroll']} wide, beyond the edge: {seen['wide']}")
    if len(backgrounds) != len(SCHEMES):
        faults.append(f"{path}: light and dark have one background, {backgrounds}")
    return faults


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("pages", nargs="*")
    options.add_argument("--writer", help="program that makes pages of every kind")
    options.add_argument("--folder", help="where it makes them")
    options.add_argument("--screenshots")
    given = options.parse_args()
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        print("SKIPPED: no Chromium is installed (package chromium); the widths of pages were not measured")
        return SKIPPED
    pages = given.pages
    if given.writer:
        os.makedirs(given.folder, exist_ok=True)
        subprocess.run([given.writer, given.folder], check=True)
        pages = pages + sorted(glob.glob(given.folder + "/*.html"))
    if given.screenshots:
        os.makedirs(given.screenshots, exist_ok=True)
    faults = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        for page in pages:
            faults += faults_of(browser, page, given.screenshots)
        browser.end()
    for fault in faults:
        print("FAULT:", fault)
    print(f"{len(pages)} pages, {len(WIDTHS)} widths, light and dark: {len(faults)} faults")
    return 1 if faults or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
