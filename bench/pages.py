"""How soon a page is seen: first contentful paint in Chromium, over that of a page that says that nothing is there.

    .venv/bin/python bench/pages.py http://localhost:8000

Prints medians over several openings of each page, the bytes that it takes, and ratios. Nothing is asserted: machines
differ.
"""

from __future__ import annotations

import shutil
import statistics
import sys

from playwright.sync_api import Browser, sync_playwright

ROUNDS = 5
PAGES = (
    "/",
    "/?view=map",
    "/doc/state/ITA",
    "/doc/position/FRA-0001",
    "/scenario?holds=ceasefire&fails=us-backstop",
    "/sparql",
    "/changes",
    "/search?q=ital",
)
PAINTED = """() => new Promise(done => {
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) if (entry.name === "first-contentful-paint") done(entry.startTime);
    }).observe({ type: "paint", buffered: true });
})"""

RECEIVED = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .reduce((sum, entry) => sum + entry.transferSize, 0)"""


def painted(browser: Browser, url: str) -> tuple[float, int]:
    """Milliseconds until the first words are seen, in a browser that has nothing yet, and the bytes received."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(url)
        return page.evaluate(PAINTED), page.evaluate(RECEIVED)


def main() -> None:
    """Measure and print."""
    root = sys.argv[1].rstrip("/")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        least = statistics.median(painted(browser, f"{root}/doc/none")[0] for _ in range(ROUNDS))
        print(f"a page that says that nothing is there: {least:.0f} ms")
        for path in PAGES:
            found = [painted(browser, root + path) for _ in range(ROUNDS)]
            time = statistics.median(ms for ms, _ in found)
            print(f"{time:6.0f} ms {time / least:5.2f} {found[0][1] / 1000:7.1f} kB  {path}")
        browser.close()


if __name__ == "__main__":
    main()
