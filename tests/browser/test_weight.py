"""What opening the page costs: the first paint, the bytes, and that nobody else is asked for anything.

A measurement as Lighthouse makes it, on the page as it is first opened, with a cold cache. Figures are printed; what is
asserted are budgets that leave room for a busy machine.
"""

import json
from collections.abc import Callable
from typing import Any

from tests.browser.conftest import Server, local

PERSON = Callable[..., Any]
MOST_BYTES = 2_500_000  # over the wire, everything; NiceGUI's own libraries are 1.2 MB of it
MOST_REQUESTS = 60
OBSERVED = """
    window.seen = { shift: 0, largest: 0 };
    new PerformanceObserver((all) => { for (const one of all.getEntries()) if (!one.hadRecentInput) window.seen.shift += one.value; })
      .observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((all) => { for (const one of all.getEntries()) window.seen.largest = one.startTime; })
      .observe({ type: "largest-contentful-paint", buffered: true });
"""


def test_what_a_first_visit_costs(server: Server, person: PERSON) -> None:
    page = person(server.url, before=OBSERVED)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1000)
    told = page.evaluate(
        """() => {
            const paint = Object.fromEntries(performance.getEntriesByType("paint").map((one) => [one.name, Math.round(one.startTime)]));
            const files = performance.getEntriesByType("resource"), page = performance.getEntriesByType("navigation")[0];
            return { ...paint, "largest-contentful-paint": Math.round(window.seen.largest), "layout-shift": window.seen.shift,
                bytes: [page, ...files].reduce((sum, one) => sum + one.transferSize, 0), requests: files.length + 1,
                heaviest: files.sort((a, b) => b.transferSize - a.transferSize).slice(0, 5).map((one) => [one.name.split("/").at(-1), one.transferSize]),
                addresses: files.map((one) => one.name) };
        }"""
    )
    addresses = told.pop("addresses")
    print(json.dumps(told))
    assert all(local(address, server.url) for address in addresses)
    assert told["first-contentful-paint"] > 0
    assert told["bytes"] < MOST_BYTES
    assert told["requests"] < MOST_REQUESTS
    assert told["layout-shift"] < 0.1  # "good", https://web.dev/articles/cls
