"""/metrics (Prometheus' text format) and /healthz, for whoever runs this.

On the web chat's own port they answer this machine alone. Elsewhere, and where there is no web chat, a small listener
of their own has them ([metrics] in config.toml).
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from storage import HeyingError, Settings, Storage, figures, incidents, workers
from storage.figures import BOUNDS
from storage.requests import KINDS

PORT = 9464  # where there is no web chat and no other is named


def place(settings: Settings) -> tuple[str, int] | None:
    """Host and port of a listener of their own; None where the web chat's is enough."""
    if settings.metrics.port:
        return settings.metrics.host, settings.metrics.port
    return None if "web" in settings.platforms else (settings.metrics.host, PORT)


async def run(store: Storage, host: str, port: int) -> None:
    """Listen until cancelled."""
    application = Starlette(routes=routes(store))
    server = _Server(uvicorn.Config(application, host=host, port=port, log_level="warning", server_header=False))
    serving = asyncio.ensure_future(server.serve())
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise


def routes(store: Storage, allowed: Callable[[Request], bool] = lambda request: True) -> list[Route]:
    """Both routes; 404 for whom ``allowed`` does not let in."""
    registry = CollectorRegistry()
    registry.register(Figures(store))

    async def metrics(request: Request) -> Response:
        if not allowed(request):
            return Response(status_code=404)
        return Response(await asyncio.to_thread(generate_latest, registry), media_type=CONTENT_TYPE_LATEST)

    async def healthz(request: Request) -> Response:
        if not allowed(request):
            return Response(status_code=404)
        found = await asyncio.to_thread(health, store)
        return JSONResponse(found, 200 if found["well"] else 503)

    return [Route("/metrics", metrics), Route("/healthz", healthz)]


def health(store: Storage) -> dict[str, Any]:
    """Can the database be written, and is each lane served? {"well", "storage", "lanes": {"edit": {"alive", "stuck"}}}:
    workers heard of lately, and jobs among theirs that do not get on."""
    try:
        with store.atomic():
            lanes = {lane.name: lane for lane in workers.lanes(store)}
    except (HeyingError, OSError):
        return {"well": False, "storage": False, "lanes": {}}
    well = all(lane.alive > lane.stuck or not lane.wanted for lane in lanes.values())
    found = {name: {"alive": lane.alive, "stuck": lane.stuck} for name, lane in lanes.items()}
    return {"well": well, "storage": True, "lanes": found}


class Figures:
    """storage.figures as Prometheus' collector interface wants them, read anew at each scrape."""

    def __init__(self, store: Storage) -> None:
        self.store = store

    def describe(self) -> Iterator[Metric]:
        """Nothing: what there is, is found out when it is asked for."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Every family."""
        now = figures.figures(self.store)
        over = CounterMetricFamily(
            "heying_jobs", "Jobs that are over, by kind and how they ended", labels=["kind", "state"]
        )
        for (kind, state), count in now.over.items():
            over.add_metric([kind, state], count)
        took = HistogramMetricFamily("heying_job_seconds", "How long jobs that were done took", labels=["kind"])
        for kind, within in now.within.items():
            bounds = [*map(str, BOUNDS), "+Inf"]
            took.add_metric([kind], list(zip(bounds, within, strict=True)), now.seconds[kind])
        yield from (over, took)
        for name, what, values in (
            ("heying_jobs_running", "Jobs that a worker is at", now.running),
            ("heying_queue_length", "Jobs that wait for a worker", now.queued),
            ("heying_queue_oldest_seconds", "How long the oldest of them has waited", now.oldest),
            ("heying_workers_alive", "Workers heard of in the last minute, by what they take", now.workers),
        ):
            gauge = GaugeMetricFamily(name, what, labels=["kind"])
            for kind in KINDS:
                gauge.add_metric([kind], values.get(kind, 0))
            yield gauge
        yield CounterMetricFamily("heying_unet_evaluations", "Evaluations of the UNet", now.evaluations)
        sent = CounterMetricFamily("heying_deliveries", "Messages that went out, or could not", labels=["state"])
        for state, count in now.deliveries.items():
            sent.add_metric([state], count)
        yield sent
        given_up = GaugeMetricFamily("heying_incidents", "Messages, jobs and deliveries given up", labels=["what"])
        for what in ("message", "job", "delivery"):
            given_up.add_metric([what], incidents.counts(self.store).get(what, 0))
        yield given_up
        stuck = GaugeMetricFamily("heying_jobs_stuck", "Jobs that run and do not get on", labels=["lane"])
        for lane in workers.lanes(self.store):
            stuck.add_metric([lane.name], lane.stuck)
        yield stuck
        yield GaugeMetricFamily("heying_deliveries_waiting", "Messages on their way out", now.undelivered)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
