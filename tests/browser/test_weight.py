"""What opening the page costs: the first paint, the bytes, and that nobody else is asked for anything.

The measurement is that of ``python -m evaluation.first_visit``, as the page is first opened, with a cold cache. What is
asserted are budgets that leave room for a busy machine.
"""

import json
from typing import Any

import pytest

from evaluation.first_visit import measure
from tests.browser.conftest import Server

MOST_BYTES = 2_500_000  # over the wire, everything; NiceGUI's own libraries are 1.2 MB of it
MOST_REQUESTS = 60


@pytest.mark.parametrize("phone", [False, True])
def test_what_a_first_visit_costs(server: Server, chromium: Any, phone: bool) -> None:
    told = measure(chromium, server.url, phone, slowed=False)
    print(json.dumps(told))
    assert told["foreign"] == 0
    assert told["first_paint"] > 0
    assert told["largest_paint"] >= told["first_paint"]
    assert told["bytes"] < MOST_BYTES
    assert told["requests"] < MOST_REQUESTS
    assert told["layout_shift"] < 0.1  # "good", https://web.dev/articles/cls
