#!/usr/bin/env python3
"""Opens pages in a headless Chromium and measures them: at 1280 and at 400 pixels no page is wider than its window,
light and dark.

    pages_in_browser.py --writer build/release/write_pages --folder pages    pages of every kind, made first
    pages_in_browser.py report.html another.html                             pages that are there
    --screenshots FOLDER                                                     keeps pictures to look at

Exit code 77 where there is no Chromium.
"""
import argparse
import glob
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from browser import Browser, find_browser  # noqa: E402

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


def measure(browser, width, scheme):
    browser.set_window(width, 900, scheme)
    return json.loads(browser.evaluate(FIND_WIDE))


def faults_of(browser, path, screenshots):
    browser.open(path)
    faults, backgrounds = [], set()
    for width in WIDTHS:
        for scheme in SCHEMES:
            seen = measure(browser, width, scheme)
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
    program = find_browser()
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
