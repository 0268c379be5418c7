#!/usr/bin/env python3
"""Opens interactive pages in a headless Chromium: numbers, hover, click, keyboard, address, light and dark, widths;
no request leaves the page, no script complains, strangers' text stays text.

    page_in_browser.py --writer build/release/write_sample_pages --folder pages    pages of every shape, made first
        --headlight build/release/headlight --demo assets/demo                     and one of a model, against analyze
    page_in_browser.py page.html another.html                                      pages that are there
    --screenshots FOLDER                                                           keeps pictures to look at

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
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent.parent / "support"))
from browser import Browser, find_browser  # noqa: E402

SKIPPED = 77
SIZES = ((1280, 800), (1600, 900), (400, 860))
TEXT = "She was very happy. She was very happy."
LAID_OUT = """(() => {
  const width = document.documentElement.clientWidth, wide = [];
  const isBoxed = e => {
    for (let p = e.parentElement; p; p = p.parentElement)
      if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(p).overflowX)) return true;
    return false;
  };
  for (const e of document.body.querySelectorAll('*'))
    if (e.getBoundingClientRect().right > width + 0.5 && !isBoxed(e)) wide.push(e.tagName + '#' + e.id + ' ' + e.textContent.slice(0, 30));
  const box = document.getElementById('picture').getBoundingClientRect();
  return {scroll: document.documentElement.scrollWidth, client: width, wide: wide.slice(0, 5), picture: [box.width, box.height],
          background: getComputedStyle(document.body).backgroundColor};
})()"""


class Page:
    """One page in the browser, and what was wrong with it."""

    def __init__(self, browser, path):
        self.browser, self.path, self.faults = browser, str(path), []

    def check(self, is_good, what):
        if not is_good:
            self.faults.append(f"{pathlib.Path(self.path).name}: {what}")

    def open(self, fragment=""):
        begin = time.monotonic()
        self.browser.open(self.path, fragment)
        self.wait("head")
        self.open_s = time.monotonic() - begin

    def wait(self, what):
        """Until the chosen head is there, or all thumbnails."""
        wanted = "['all']" if what == "all" else "['head', 'all']"
        self.browser.evaluate(f"""new Promise((done, failed) => {{
            const limit = setTimeout(() => failed(new Error('the page does not get ready')), 60000);
            const look = () => {wanted}.includes(document.documentElement.dataset.ready)
                ? (clearTimeout(limit), done()) : setTimeout(look, 10);
            look();
        }})""")
        self.browser.frames()

    def state(self):
        return self.browser.evaluate("(({head, query, key, form, theme, gamma}) => ({head, query, key, form, theme, gamma}))(headlight.state)")

    def text(self, element):
        return self.browser.evaluate(f"document.getElementById('{element}').textContent").replace("\u2068", "").replace("\u2069", "")

    def rows(self, expected):
        """Whether rows {layer, head, query, values} are on the page as they were measured."""
        code = """(async rows => {
            let worst = 0;
            for (const row of rows) {
                const scale = headlight.data.heads.find(h => h.layer === row.layer && h.head === row.head).scale;
                const values = await headlight.head(row.layer, row.head), count = row.values.length;
                for (let k = 0; k < count; ++k)
                    worst = Math.max(worst, Math.abs(values[row.query * count + k] - row.values[k]) / scale);
            }
            return worst;
        })""" + f"({json.dumps(expected['rows'])})"
        worst = self.browser.evaluate(code)
        self.check(worst <= expected["max_error"] + 1e-7, f"values are off by {worst}, said are {expected['max_error']}")
        wide = self.browser.evaluate("headlight.data.code.wide")
        self.check(wide == expected["wide"], "the code is not the expected one")

    def looks(self, screenshots):
        """Widths, light and dark; the picture has a size everywhere."""
        for width, height in SIZES:
            seen_backgrounds = set()
            for scheme in ("light", "dark"):
                self.browser.set_window(width, height, scheme, mobile=width < 500)
                self.browser.frames()
                seen = self.browser.evaluate(LAID_OUT)
                seen_backgrounds.add(seen["background"])
                where = f"at {width} pixels, {scheme}"
                self.check(seen["client"] == width and seen["scroll"] <= width and not seen["wide"], f"{where}: too wide: {seen}")
                self.check(min(seen["picture"]) > 200, f"{where}: the picture has no room: {seen['picture']}")
                if screenshots:
                    self.browser.picture(f"{screenshots}/{pathlib.Path(self.path).stem}_{width}_{scheme}.png")
            self.check(len(seen_backgrounds) == 2, f"light and dark have one background: {seen_backgrounds}")
        self.browser.set_window(1280, 800, "light")
        self.browser.frames()

    def quiet(self):
        """Nothing was fetched, no script complained."""
        asked = [url for url in self.browser.requests() if not url.startswith("file:") or pathlib.Path(self.path).name not in url]
        self.check(not asked, f"requests left the page: {asked}")
        complaints = self.browser.complaints()
        self.check(not complaints, f"the page complained: {str(complaints)[:600]}")
        self.check(self.browser.evaluate("document.getElementById('trouble').hidden"), "it says: " + self.text("trouble"))

    def cell(self, query, key):
        """Middle of a cell, in the window."""
        return self.browser.evaluate(f"headlight.middle({query}, {key})")

    def keyboard(self):
        press, state = self.browser.key, self.state
        count = self.browser.evaluate("headlight.data.queries.length")
        heads = self.browser.evaluate("headlight.data.heads.length")
        press("m")
        self.check(state()["form"] == "lines", "m does not show lines")
        press("m")
        press("t")
        self.check(state()["theme"] == "dark", "t does not make it dark")
        press("t")
        press("g")
        self.check(state()["gamma"] == 1, "g does not change the colours")
        press("g")
        press("Home")
        self.check(state()["query"] == 0, "Home is not the first query")
        press("j")
        self.check(state()["query"] == min(1, count - 1), "j is not the next query")
        press("End")
        self.check(state()["query"] == count - 1, "End is not the last query")
        before = state()["head"]
        press("ArrowRight")
        self.check(state()["head"] == min(before + 1, heads - 1), "the right arrow is not the next head")
        self.browser.evaluate("document.getElementById('picture').focus()")
        press("ArrowUp")
        self.check(state()["query"] == max(0, count - 2), "the arrow in the picture is not the query above")
        press("?")
        self.check(self.browser.evaluate("document.getElementById('help').open"), "? does not help")
        press("Escape")
        self.browser.evaluate("document.getElementById('help').close()")
        self.browser.evaluate("document.activeElement.blur()")
        for _ in range(3):
            press("Tab")
        self.check(self.browser.evaluate("document.activeElement !== document.body && document.activeElement.matches(':focus-visible')"),
                   "Tab goes nowhere that is seen")

    def address(self):
        last = self.browser.evaluate("[headlight.data.heads.length - 1, headlight.data.queries.length - 1]")
        name = self.browser.evaluate("(h => `#L${h.layer}H${h.head}q0k0`)(headlight.data.heads.at(-1))")
        self.open(name)
        self.check(self.state()["head"] == last[0] and self.state()["query"] == 0, f"{name} does not choose")
        self.browser.evaluate("location.hash = '#L0H0q99999999'")
        self.browser.frames()
        self.check(self.state()["query"] == last[1], "an address beyond the text is not held back")


def hostile(page):
    """Texts of strangers are text."""
    seen = page.browser.evaluate("""({taken: window.taken === 1, images: document.images.length, scripts: document.scripts.length,
        handlers: document.querySelectorAll('[onerror]').length,
        first: document.querySelector('.token').textContent, texts: [...document.querySelectorAll('.token')].map(e => e.textContent)})""")
    page.check(not seen["taken"] and seen["images"] == 0 and seen["scripts"] == 3 and seen["handlers"] == 0, f"text became markup: {seen}")
    page.check(seen["first"] == '</script><img src=x onerror="window.taken=1">', f"the text is another: {seen['first']}")
    page.check(not any(c in text for text in seen["texts"] for c in "\u202e\0"), "marks that turn the direction stayed")
    page.check(len(seen["texts"]) == 10, "tokens are missing")


def percent(share):
    value = 100 * share
    if value < 0.01:
        return "< 0.01 %"
    return f"{value:.0f} %" if value >= 9.95 else f"{value:.1f} %" if value >= 0.095 else f"{value:.2f} %"


def against_analysis(page, analysis):
    """Hover, click, lists and patterns say what `analyze` says."""
    browser, tokens = page.browser, analysis["tokens"]
    worst = page.browser.evaluate("headlight.data.code.max_error")
    for i in (0, len(analysis["heads"]) // 2, len(analysis["heads"]) - 1):
        head = analysis["heads"][i]
        browser.evaluate(f"location.hash = '#L{head['layer']}H{head['head']}q{len(tokens) - 1}'")
        browser.frames()
        browser.evaluate(f"headlight.head({head['layer']}, {head['head']}).then(() => null)")
        browser.frames()
        for query in (1, len(tokens) - 1):
            top = head["top_keys"][query][0]
            browser.move(*page.cell(query, top["key"]))
            said, names = page.text("sentence"), (tokens[query]["display"], tokens[top["key"]]["display"])
            wanted = f"query “{names[0]}” ({query}) gives {percent(top['weight'])} to key “{names[1]}” ({top['key']})"
            page.check(said.startswith(wanted), f"hover says “{said}”, analyze says “{wanted}”")
            page.check(page.text("tip") == said, "the tip says something else than the line below")
        browser.click(*page.cell(query, top["key"]))
        state = page.state()
        page.check((state["query"], state["key"]) == (query, top["key"]), f"a click chooses {state}")
        address = browser.evaluate("location.hash")
        page.check(address == f"#L{head['layer']}H{head['head']}q{query}k{top['key']}", f"the address is {address}")
        listed = browser.evaluate("[...document.querySelectorAll('#keys button .name')].map(e => e.textContent)")
        weights = [key["weight"] for key in head["top_keys"][query]]
        for place, key in enumerate(head["top_keys"][query]):  # equal within the error may change places
            if all(abs(key["weight"] - w) > 2 * worst for j, w in enumerate(weights) if j != place):
                page.check(listed[place] == f"{tokens[key['key']]['display']} ({key['key']})", f"top keys are {listed}")
        tagged = {tag["id"] for tag in head["tags"] if tag["tagged"]}
        shown = browser.evaluate("headlight.data.heads[headlight.state.head].tags.filter(t => t[4]).map(t => headlight.data.detectors[t[0]].id)")
        page.check(tagged == set(shown), f"patterns {shown}, analyze has {tagged}")
        for name, value in head["metrics"].items():
            on_page = browser.evaluate(f"(m => m < 0 ? undefined : headlight.data.heads[headlight.state.head].metrics[m])(headlight.data.metrics.findIndex(m => m.id === '{name}'))")
            if on_page is not None:
                page.check(abs(on_page - value) <= 1e-5 * max(1, abs(value)), f"{name} is {on_page}, analyze has {value}")
    # A chip tints the others by its row; a click pins it.
    box = browser.evaluate("(b => [b.x + b.width / 2, b.y + b.height / 2])(document.querySelectorAll('.token')[2].getBoundingClientRect())")
    browser.click(*box)
    page.check(page.state()["query"] == 2, "a click on a token does not choose its row")
    predictions = next((p for p in analysis["predictions"] if p["query"] == 2), None)
    if predictions:
        first = browser.evaluate("document.querySelector('#predictions span.number span:last-child').textContent")
        page.check(first == percent(predictions["top"][0]["probability"]), f"predicts {first}, analyze {predictions['top'][0]}")
    box = browser.evaluate("(b => [b.x + b.width / 2, b.y + b.height / 2])(document.querySelectorAll('.head')[3].getBoundingClientRect())")
    browser.click(*box)
    page.check(page.state()["head"] == 3, "a click on a thumbnail does not choose the head")
    size = browser.evaluate("document.querySelectorAll('.head canvas')[3].getContext('2d').getImageData(0, 0, 4, 4).data.some(v => v > 0)")
    page.check(size, "a thumbnail is empty")
    before = browser.evaluate("document.getElementById('matrix').toDataURL()")
    browser.key("+")
    page.check(browser.evaluate("document.getElementById('matrix').toDataURL()") != before, "+ does not zoom")
    browser.key("0")


def check_page(browser, path, screenshots, expected=None, analysis=None):
    page = Page(browser, path)
    browser.set_window(1280, 800, "light")
    page.open()
    page.wait("all")
    if expected:
        page.rows(expected)
    if analysis:
        against_analysis(page, analysis)
    if pathlib.Path(path).stem == "hostile":
        hostile(page)
    page.keyboard()
    page.looks(screenshots)
    page.quiet()
    page.address()
    page.quiet()
    return page


def page_of_demo(given):
    """The demo as a page, and what analyze says of it."""
    common = ["--model", given.demo, "--text", TEXT]
    page = f"{given.folder}/demo.html"
    subprocess.run([given.headlight, "page", *common, "--output", page], check=True, stderr=subprocess.DEVNULL)
    told = subprocess.run([given.headlight, "analyze", *common, "--no-plots", "--json", "-"], check=True, capture_output=True)
    return page, json.loads(told.stdout)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("pages", nargs="*")
    options.add_argument("--writer", help="program that makes pages of every shape")
    options.add_argument("--headlight", help="the program, for a page of the demo")
    options.add_argument("--demo", help="folder of the demo")
    options.add_argument("--folder", help="where pages are made")
    options.add_argument("--screenshots")
    given = options.parse_args()
    program = find_browser()
    if program is None:
        print("SKIPPED: no Chromium is installed (package chromium); interactive pages were not opened")
        return SKIPPED
    pages = [(path, None, None) for path in given.pages]
    if given.folder:
        os.makedirs(given.folder, exist_ok=True)
    if given.writer:
        subprocess.run([given.writer, given.folder], check=True)
        for path in sorted(glob.glob(given.folder + "/*.html")):
            expected = pathlib.Path(path).with_suffix(".json")
            if expected.exists():
                pages.append((path, json.loads(expected.read_text()), None))
    if given.headlight and os.path.exists(given.headlight):
        path, analysis = page_of_demo(given)
        pages.append((path, None, analysis))
    if given.screenshots:
        os.makedirs(given.screenshots, exist_ok=True)
    faults = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        for path, expected, analysis in pages:
            page = check_page(browser, path, given.screenshots, expected, analysis)
            print(f"{pathlib.Path(path).name}: {os.path.getsize(path) / 1e6:.2f} MB, opened in {page.open_s:.2f} s")
            faults += page.faults
        browser.end()
    for fault in faults:
        print("FAULT:", fault)
    print(f"{len(pages)} pages: {len(faults)} faults")
    return 1 if faults or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
