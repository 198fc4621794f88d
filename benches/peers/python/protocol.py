"""The protocol of ../README.md.

A peer is an object with coroutines set_up(), enqueue(), enqueue_many(jobs) that gives the number of
ids that came back, start() that gives a worker, and stop(worker); `run` is given the coroutine that
makes one of an order.
"""

import argparse
import asyncio
import json
import math
import os
import sys
import time
import traceback

PAYLOAD_BYTES = 200
ENQUEUED_BEFORE = 10
PICKUPS_BEFORE = 20
PER_CALL = 50_000
# A worker that takes longer to warm up is slow, and is measured all the same.
WARM_SECONDS = 5.0
PICKUP_PATIENCE = 120.0

PAYLOAD = "x" * (PAYLOAD_BYTES - 2)

_runs = 0
_heard = None


def ran():
    """What each handler calls."""
    global _runs
    _runs += 1
    if _heard is not None and not _heard.done():
        _heard.set_result(time.perf_counter())


def _say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def _line():
    return (await asyncio.to_thread(sys.stdin.readline)).rstrip("\n")


async def _ready():
    _say("ready")
    word = await _line()
    if word != "go":
        raise RuntimeError(f"`go` was to come, and {word!r} came")


def _answer(jobs, seconds, times=None, **more):
    answer = {"jobs": jobs, "seconds": seconds, **more}
    if times:
        ordered = sorted(times)

        def at(share):
            rank = max(math.ceil(len(ordered) * share), 1)
            return ordered[rank - 1] * 1000

        answer |= {"p50_ms": at(0.5), "p95_ms": at(0.95), "p99_ms": at(0.99)}
    return answer


async def _set_up(peer, order):
    await peer.set_up()
    return _answer(0, 0.0)


async def _fill(peer, order):
    begun = time.perf_counter()
    left, ids = order.jobs, 0
    while left > 0:
        taken = min(left, PER_CALL)
        ids += await peer.enqueue_many(taken)
        left -= taken
    return _answer(order.jobs, time.perf_counter() - begun, ids=ids)


async def _bulk(peer, order):
    await peer.enqueue()
    await _ready()
    return await _fill(peer, order)


async def _produce(peer, producers, jobs, seconds):
    each = jobs // producers
    times = []
    begun = time.perf_counter()

    async def one():
        for _ in range(each):
            asked = time.perf_counter()
            if asked - begun >= seconds:
                break
            await peer.enqueue()
            times.append(time.perf_counter() - asked)

    await asyncio.gather(*(one() for _ in range(producers)))
    return _answer(len(times), time.perf_counter() - begun, times)


async def _enqueue(peer, order):
    await _produce(peer, order.producers, ENQUEUED_BEFORE * order.producers, 3600.0)
    await _ready()
    return await _produce(peer, order.producers, order.jobs, order.seconds)


async def _drain(peer, order):
    warming = await peer.start()
    deadline = time.perf_counter() + WARM_SECONDS
    while _runs < order.warm and time.perf_counter() < deadline:
        await asyncio.sleep(0.001)
    await peer.stop(warming)
    before = _runs
    await _ready()
    begun = time.perf_counter()
    await peer.start()
    stop = asyncio.create_task(_line())
    told = 0
    while not stop.done():
        runs = _runs - before
        if runs != told:
            told = runs
            _say(f"runs {runs}")
        await asyncio.sleep(0.001)
    return _answer(_runs - before, time.perf_counter() - begun)


def _lull(n):
    """Long enough for everyone to fall asleep, and never in step with a timer."""
    return (4_000 + (n * 7_919) % 6_000) / 1e6


async def _pick_up(peer, jobs, seconds):
    global _heard
    begun = time.perf_counter()
    times = []
    for n in range(jobs):
        if time.perf_counter() - begun >= seconds:
            break
        await asyncio.sleep(_lull(n))
        _heard = asyncio.get_running_loop().create_future()
        asked = time.perf_counter()
        # The worker may well be there before the answer is.
        await peer.enqueue()
        times.append(await asyncio.wait_for(_heard, PICKUP_PATIENCE) - asked)
    _heard = None
    return times


async def _pickup(peer, order):
    worker = await peer.start()
    await _pick_up(peer, PICKUPS_BEFORE, order.seconds)
    await _ready()
    times = await _pick_up(peer, order.jobs, order.seconds)
    await peer.stop(worker)
    return _answer(len(times), sum(times), times)


_ERRANDS = {
    "set-up": _set_up,
    "fill": _fill,
    "enqueue": _enqueue,
    "bulk": _bulk,
    "drain": _drain,
    "pickup": _pickup,
}


def _parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("errand", choices=_ERRANDS)
    parser.add_argument("--database", required=True)
    parser.add_argument("--setting", default="default")
    parser.add_argument("--jobs", type=int, default=0)
    parser.add_argument("--producers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--warm", type=int, default=0)
    order = parser.parse_args()
    order.best = order.setting == "best"
    return order


def run(make, main=asyncio.run):
    order = _parse()

    async def errand():
        peer = await make(order)
        answer = await _ERRANDS[order.errand](peer, order)
        _say(json.dumps(answer))
        # A worker that was not stopped must not keep the program.
        os._exit(0)

    try:
        main(errand())
    except Exception:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
