"""Browser measurements of the main pages: transferred bytes, LCP and layout shift."""

from playwright.sync_api import sync_playwright

from tools.chromium import launch

from .scales import LARGEST

PAGES = {
    "list": "crm/opportunities/",
    "dashboard": "crm/",
    "form": "crm/opportunities/new/",
    "graphs": "recurring/graphs/",
}
OBSERVE = """
window.measured = {lcp: 0, shift: 0};
new PerformanceObserver(list => list.getEntries().forEach(one => measured.lcp = one.startTime))
  .observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(one => measured.shift += one.value))
  .observe({type: "layout-shift", buffered: true});
"""


def visits(address, cookies):
    """Return {page: {"first": {kb, lcp, shift}, "later": {...}}}, with a cold and a warm cache."""
    home = f"http://{address}/w/{LARGEST}/"
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        results = {}
        for name, path in PAGES.items():
            context = chromium.new_context(viewport={"width": 1280, "height": 800})
            context.add_cookies([{"name": k, "value": v, "url": home} for k, v in cookies.items()])
            tab = context.new_page()
            tab.add_init_script(OBSERVE)
            wire = tab.context.new_cdp_session(tab)
            wire.send("Network.enable")
            results[name] = {}
            for visit in ("first", "later"):
                results[name][visit] = visit_of(tab, wire, home + path)
            context.close()
        chromium.close()
    return results


def visit_of(tab, wire, url):
    tab.goto("about:blank")
    sizes = []

    def finished(event):
        sizes.append(event["encodedDataLength"])

    wire.on("Network.loadingFinished", finished)
    tab.goto(url)
    tab.wait_for_load_state("networkidle")
    tab.wait_for_timeout(200)
    wire.remove_listener("Network.loadingFinished", finished)
    measured = tab.evaluate("window.measured")
    return {
        "kb": sum(sizes) / 1000,
        "lcp_ms": measured["lcp"],
        "shift": measured["shift"],
        "requests": len(sizes),
    }
