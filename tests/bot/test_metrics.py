"""/metrics and /healthz over real HTTP, on a listener of their own."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

import storage
from bot import metrics
from storage import Settings, Storage, jobs, photos, workers
from storage.plans import Step
from tests.storage.house import png


@pytest_asyncio.fixture
async def opened(tmp_path: Path) -> AsyncIterator[tuple[Storage, str]]:
    """A data folder and the address of its listener."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with storage.open(tmp_path / "data") as store:
        listening = asyncio.create_task(metrics.run(store, "127.0.0.1", port))
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient() as client:
            for _ in range(200):
                try:
                    await client.get(url)
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.02)
        yield store, url
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening


async def test_health_says_whether_somebody_works(opened: tuple[Storage, str]) -> None:
    store, url = opened
    async with httpx.AsyncClient(base_url=url) as client:
        answer = await client.get("/healthz")
        nobody = {"alive": 0, "stuck": 0}
        told = {"well": False, "storage": True, "lanes": {"edit": nobody, "learn": nobody}}
        assert (answer.status_code, answer.json()) == (503, told)
        workers.publish(store, "w", [], ("learn",))
        assert (await client.get("/healthz")).status_code == 503  # nobody edits
        workers.publish(store, "v", [], ("edit",))
        answer = await client.get("/healthz")
        assert answer.status_code == 200
        assert answer.json()["lanes"] == {"edit": {"alive": 1, "stuck": 0}, "learn": {"alive": 1, "stuck": 0}}


async def test_health_says_whether_a_lane_gets_on(tmp_path: Path) -> None:
    now = 1_000_000.0
    settings = Settings(workers={"learn": 0, "edit_stuck_seconds": 10})
    with storage.open(tmp_path / "data", settings, clock=lambda: now) as store:
        workers.publish(store, "w", [], ("generate",))
        told = {"kind": "generate", "owner": "web:a", "chat": "web:a", "request": jobs.GenerateRequest("猫")}
        jobs.enqueue(store, key="a", **told)
        job = jobs.claim(store, "w", ("generate",), 60.0)
        assert job is not None
        assert metrics.health(store)["well"]  # learning is wanted by nobody
        now += 11
        jobs.heartbeat(store, job)  # alive, but no further
        assert metrics.health(store) == {
            "well": False,
            "storage": True,
            "lanes": {"edit": {"alive": 1, "stuck": 1}, "learn": {"alive": 0, "stuck": 0}},
        }
        now += 1
        jobs.heartbeat(store, job, jobs.Progress(1, 2))
        assert metrics.health(store)["well"]


async def test_health_says_whether_the_disk_answers(
    opened: tuple[Storage, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, url = opened
    workers.publish(store, "w", [], ("edit",))
    monkeypatch.setattr(storage, "BUSY_SECONDS", 0.1)
    other = storage.Storage(store.folder, store.settings, store.now)
    with other.atomic():  # somebody never lets go of the database
        async with httpx.AsyncClient(base_url=url) as client:
            answer = await client.get("/healthz")
    other.close()
    assert (answer.status_code, answer.json()) == (503, {"well": False, "storage": False, "lanes": {}})


async def test_metrics_can_be_parsed_and_name_nobody(opened: tuple[Storage, str]) -> None:
    store, url = opened
    workers.publish(store, "w", [], ("edit",))
    sha = photos.put(store, png(), "web:ann").sha256
    for number in range(2):
        request = jobs.EditRequest(Step("restyle", style="oil"), sha)
        jobs.enqueue(store, key=f"k{number}", kind="edit", owner="web:ann", chat="web:ann", request=request)
    job = jobs.claim(store, "w", ("edit",))
    assert job is not None
    jobs.finish(store, job, jobs.Result((sha,), facts={"unet_forward": 120}))
    async with httpx.AsyncClient(base_url=url) as client:
        text = (await client.get("/metrics")).text
    assert "ann" not in text
    assert sha not in text
    found = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    kind = ("kind", "edit")
    assert found["heying_jobs_total", kind, ("state", "done")] == 1
    assert found["heying_queue_length", kind] == 1
    assert found["heying_queue_oldest_seconds", kind] >= 0
    assert found["heying_workers_alive", kind] == 1
    assert found["heying_workers_alive", ("kind", "learn")] == 0
    assert found["heying_unet_evaluations_total",] == 120
    assert found["heying_job_seconds_count", kind] == 1
    assert found["heying_job_seconds_bucket", kind, ("le", "+Inf")] == 1
    assert found["heying_deliveries_total", ("state", "failed")] == 0
    assert found["heying_deliveries_waiting",] == 1


def test_where_they_are() -> None:
    assert metrics.place(Settings()) is None
    assert metrics.place(Settings(platforms=("telegram",))) == ("127.0.0.1", 9464)
    assert metrics.place(Settings(metrics={"host": "0.0.0.0", "port": 9000})) == ("0.0.0.0", 9000)
