"""The queueing simulation against what queueing theory knows."""

import math
import random

import pytest

from evaluation.capacity import measured, need, waits


def erlang_c(load: float, servers: int) -> float:
    """The probability of having to wait in M/M/c (Erlang 1917)."""
    top = load**servers / math.factorial(servers) * servers / (servers - load)
    return top / (sum(load**k / math.factorial(k) for k in range(servers)) + top)


@pytest.mark.parametrize(("load", "servers"), [(0.7, 1), (4.0, 5), (8.0, 10)])
def test_it_agrees_with_erlang(load: float, servers: int) -> None:
    chance = random.Random(1)
    durations = [chance.expovariate(1.0) for _ in range(20_000)]
    mean = sum(durations) / len(durations)
    found = waits(load / mean, durations, servers, 60_000)
    share = sum(one > 0 for one in found) / len(found)
    assert share == pytest.approx(erlang_c(load, servers), abs=0.04)
    expected = erlang_c(load, servers) * mean / (servers - load)
    assert sum(found) / len(found) == pytest.approx(expected, rel=0.25)


def test_more_users_need_more_and_large_pools_are_better_used() -> None:
    durations = measured()
    assert len(durations) > 100
    few, many = (need(users, durations, 3.0, 0.12, 10.0, 50.0) for users in (1_000, 100_000))
    assert few.p95_wait <= 10
    assert many.p95_wait <= 10
    assert few.workers < many.workers < 100 * few.workers
    assert many.gateways >= few.gateways
