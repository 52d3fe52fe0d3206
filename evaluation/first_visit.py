"""What the first visit of the chat costs, measured as Lighthouse does: ``python -m evaluation.first_visit [URL] [-o FOLDER]``.

The page is opened with an empty cache in Chromium, on a desktop and on a phone (Lighthouse's own: a processor four times
slower, 1.6 Mbit/s with 150 ms). Told are the first and the largest paint (ms), how far things jump (layout shift), how long the
page cannot answer (blocking time, ms, all tasks beyond 50 ms), bytes over the wire, requests, and how many of these went to
another machine. Without a URL the application is started in a folder of its own, without workers.
"""

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SETTLED = 1500  # ms without anything new after which a page is there
OBSERVED = """
    window.seen = { shift: 0, largest: 0, blocked: 0 };
    const watch = (type, take) =>
        new PerformanceObserver((all) => all.getEntries().forEach(take)).observe({ type, buffered: true });
    watch("layout-shift", (one) => { if (!one.hadRecentInput) window.seen.shift += one.value; });
    watch("largest-contentful-paint", (one) => { window.seen.largest = one.startTime; });
    watch("longtask", (one) => { window.seen.blocked += one.duration - 50; });
"""
TOLD = """() => {
    const paint = Object.fromEntries(performance.getEntriesByType("paint").map((one) => [one.name, one.startTime]));
    const files = performance.getEntriesByType("resource"), page = performance.getEntriesByType("navigation")[0];
    return { first_paint: Math.round(paint["first-contentful-paint"]), largest_paint: Math.round(window.seen.largest),
        layout_shift: Math.round(window.seen.shift * 1000) / 1000, blocking: Math.round(window.seen.blocked),
        bytes: [page, ...files].reduce((sum, one) => sum + one.transferSize, 0), requests: files.length + 1 };
}"""
DESKTOP: dict[str, Any] = {"viewport": {"width": 1350, "height": 940}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 412, "height": 823},
    "device_scale_factor": 1.75,
    "is_mobile": True,
    "has_touch": True,
}
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}


def measure(browser: Any, url: str, phone: bool, slowed: bool = True, picture: Path | None = None) -> dict[str, Any]:
    """The figures of one visit in a context of its own; ``slowed``: the phone is as slow as Lighthouse's."""
    context = browser.new_context(locale="zh-CN", **(PHONE if phone else DESKTOP))
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda opened: asked.append(opened.url))
    page.add_init_script(OBSERVED)
    if phone and slowed:
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(url, timeout=120_000)
    page.locator("#hy-text").wait_for(timeout=120_000)
    page.wait_for_load_state("networkidle", timeout=120_000)  # all of it, fonts included
    page.wait_for_timeout(SETTLED)
    told: dict[str, Any] = page.evaluate(TOLD)
    if picture is not None:
        page.screenshot(path=picture)
    context.close()
    ours = (url, url.replace("http", "ws", 1), "data:", "blob:")
    return {**told, "foreign": sum(not address.startswith(ours) for address in asked)}


@contextlib.contextmanager
def application() -> Iterator[str]:
    """The address of the chat, started for this; it ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        env = {**os.environ, "HEYING_WORKERS": json.dumps({"edit": 0, "learn": 0})}
        command = [sys.executable, "-m", "bot", "up", "--port", str(port), "--data", data]
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            try:
                for line in running.stdout:
                    if "http://" in line:
                        yield f"http://127.0.0.1:{port}/"
                        break
                else:
                    raise SystemExit("the chat did not open")
            finally:
                running.terminate()


def main() -> None:
    """Print a table, desktop and phone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?", help="where a chat runs; without it one is started")
    parser.add_argument("-o", "--output", type=Path, help="folder for first_visit.json and what was seen")
    args = parser.parse_args()
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        raise SystemExit("no Chromium found: " + ", ".join(BROWSERS))
    from playwright.sync_api import sync_playwright

    if args.output:
        args.output.mkdir(parents=True, exist_ok=True)
    opened = contextlib.nullcontext(args.url.rstrip("/") + "/") if args.url else application()
    with opened as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        told = {}
        for name, phone in (("desktop", False), ("phone", True)):
            picture = args.output / f"{name}.png" if args.output else None
            told[name] = measure(browser, url, phone, picture=picture)
        browser.close()
    for figure in told["desktop"]:
        print(f"{figure:14}", *(f"{told[name][figure]:>12}" for name in told))
    if args.output:
        (args.output / "first_visit.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
