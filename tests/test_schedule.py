"""The scheduler with a scripted engine: order, sharing, bounds, shedding."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence

import pytest

from assistant.errors import WireError
from assistant.limits import Limits
from assistant.schedule import Lane, Scheduler, Shed
from assistant.translate.request import Decoded, Request


class Scripted:
    """An engine that waits for `go` before each batch and notes what it was given."""

    def __init__(self) -> None:
        self.go = threading.Semaphore(0)
        self.batches: list[list[str]] = []

    def translate(self, batch: Sequence[Request]) -> list[Decoded]:
        self.go.acquire(timeout=10)
        self.batches.append([request.text for request in batch])
        if any(request.text == "break" for request in batch):
            raise RuntimeError("the model broke")
        return [Decoded(request.text.upper()) for request in batch]


def ask(text: str, shown: str = "") -> Request:
    return Request("m", text, "en", "zh", shown)


@pytest.fixture
async def engine() -> AsyncIterator[Scripted]:
    scripted = Scripted()
    yield scripted
    for _ in range(100):
        scripted.go.release()


def scheduler(engine: Scripted, **limits: float) -> Scheduler:
    return Scheduler({"m": engine}, Limits(**{"workers": 1, **limits}))


async def started(queue: Scheduler, *work: asyncio.Task) -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_final_speech_goes_before_partials_before_comments(engine: Scripted) -> None:
    queue = scheduler(engine)
    tasks = [asyncio.create_task(queue.decode([ask("running")], Lane.COMMENT, "r"))]
    await started(queue)
    for text, lane in (("comment", Lane.COMMENT), ("partial", Lane.PARTIAL), ("final", Lane.FINAL)):
        tasks.append(asyncio.create_task(queue.decode([ask(text)], lane, "r")))
    await started(queue)
    for _ in range(4):
        engine.go.release()
    await asyncio.gather(*tasks)
    assert engine.batches == [["running"], ["final"], ["partial"], ["comment"]]
    await queue.close()


async def test_rooms_take_turns_in_a_batch(engine: Scripted) -> None:
    queue = scheduler(engine, batch=4, smallest_batch=4)
    tasks = [asyncio.create_task(queue.decode([ask("running")], Lane.COMMENT, "loud"))]
    await started(queue)
    tasks += [asyncio.create_task(queue.decode([ask(f"loud {n}")], Lane.COMMENT, "loud")) for n in range(20)]
    tasks += [asyncio.create_task(queue.decode([ask(f"calm {n}")], Lane.COMMENT, "calm")) for n in range(2)]
    await started(queue)
    for _ in range(10):
        engine.go.release()
    await asyncio.gather(*tasks)
    assert sorted(engine.batches[1]) == ["calm 0", "calm 1", "loud 0", "loud 1"]
    await queue.close()


async def test_equal_texts_in_flight_are_translated_once_and_then_cached(engine: Scripted) -> None:
    queue = scheduler(engine)
    tasks = [asyncio.create_task(queue.decode([ask("same")], Lane.COMMENT, f"r{n}")) for n in range(5)]
    await started(queue)
    engine.go.release()
    assert [answer[0].text for answer in await asyncio.gather(*tasks)] == ["SAME"] * 5
    assert (await queue.decode([ask("same")], Lane.FINAL, "r"))[0].text == "SAME"
    assert engine.batches == [["same"]]
    assert (queue.counters.joined, queue.counters.hits, queue.counters.misses) == (4, 1, 1)
    await queue.close()


async def test_a_host_line_equal_to_a_waiting_comment_moves_it_up(engine: Scripted) -> None:
    queue = scheduler(engine, batch=1, smallest_batch=1)
    tasks = [asyncio.create_task(queue.decode([ask(text)], Lane.COMMENT, "r")) for text in ("running", "first", "wanted")]
    await started(queue)
    tasks.append(asyncio.create_task(queue.decode([ask("wanted")], Lane.FINAL, "r")))
    await started(queue)
    for _ in range(3):
        engine.go.release()
    await asyncio.gather(*tasks)
    assert engine.batches == [["running"], ["wanted"], ["first"]]
    await queue.close()


async def test_a_newer_partial_replaces_the_waiting_older_one(engine: Scripted) -> None:
    queue = scheduler(engine)
    running = asyncio.create_task(queue.decode([ask("running")], Lane.FINAL, "r"))
    await started(queue)
    older = asyncio.create_task(queue.decode([ask("hel")], Lane.PARTIAL, "r", key="s1/zh"))
    await started(queue)
    newer = asyncio.create_task(queue.decode([ask("hello")], Lane.PARTIAL, "r", key="s1/zh"))
    await started(queue)
    for _ in range(2):
        engine.go.release()
    with pytest.raises(Shed):
        await older
    assert (await newer)[0].text == "HELLO"
    await running
    assert engine.batches == [["running"], ["hello"]]
    await queue.close()


async def test_overload_sheds_the_oldest_comments_never_host_lines(engine: Scripted) -> None:
    queue = scheduler(engine, comments=3)
    running = asyncio.create_task(queue.decode([ask("running")], Lane.FINAL, "r"))
    await started(queue)
    comments = [asyncio.create_task(queue.decode([ask(f"c{n}")], Lane.COMMENT, "r")) for n in range(5)]
    finals = [asyncio.create_task(queue.decode([ask(f"f{n}")], Lane.FINAL, "r")) for n in range(5)]
    await started(queue)
    assert queue.depth() == {"final": 5, "partial": 0, "comment": 3, "retry": 0}
    for _ in range(10):
        engine.go.release()
    results = await asyncio.gather(*comments, return_exceptions=True)
    assert [isinstance(result, Shed) for result in results] == [True, True, False, False, False]
    assert len(await asyncio.gather(running, *finals)) == 6
    assert queue.counters.shed == 2
    await queue.close()


async def test_the_loudest_room_is_shed_first(engine: Scripted) -> None:
    queue = scheduler(engine, comments=3)
    running = asyncio.create_task(queue.decode([ask("running")], Lane.FINAL, "r"))
    await started(queue)
    calm = asyncio.create_task(queue.decode([ask("calm")], Lane.COMMENT, "calm"))
    loud = [asyncio.create_task(queue.decode([ask(f"c{n}")], Lane.COMMENT, "loud")) for n in range(5)]
    await started(queue)
    for _ in range(10):
        engine.go.release()
    assert (await calm)[0].text == "CALM"
    assert sum(isinstance(result, Shed) for result in await asyncio.gather(*loud, return_exceptions=True)) == 3
    await running
    await queue.close()


async def test_finals_are_bounded_too(engine: Scripted) -> None:
    queue = scheduler(engine, finals=2)
    tasks = [asyncio.create_task(queue.decode([ask(f"f{n}")], Lane.FINAL, "r")) for n in range(4)]
    await started(queue)
    for _ in range(10):
        engine.go.release()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    refused = [result for result in results if isinstance(result, WireError)]
    assert len(refused) == 1 and refused[0].code == "overloaded"
    await queue.close()


async def test_a_broken_batch_fails_its_own_requests_only(engine: Scripted) -> None:
    queue = scheduler(engine, batch=1, smallest_batch=1)
    bad = asyncio.create_task(queue.decode([ask("break")], Lane.COMMENT, "r"))
    good = asyncio.create_task(queue.decode([ask("fine")], Lane.COMMENT, "r"))
    await started(queue)
    for _ in range(4):
        engine.go.release()
    with pytest.raises(RuntimeError, match="the model broke"):
        await bad
    assert (await good)[0].text == "FINE"
    await queue.close()


async def test_cache_is_bounded_and_biased_answers_are_not_kept(engine: Scripted) -> None:
    queue = scheduler(engine, cache=2)
    for _ in range(10):
        engine.go.release()
    for text in ("a", "b", "c"):
        await queue.decode([ask(text)], Lane.FINAL, "r")
    await queue.decode([ask("d", shown="D")], Lane.PARTIAL, "r")
    await queue.decode([ask("d", shown="D")], Lane.PARTIAL, "r")
    await queue.decode([ask("a")], Lane.FINAL, "r")
    assert engine.batches == [["a"], ["b"], ["c"], ["d"], ["d"], ["a"]]
    await queue.close()


async def test_close_sheds_what_waits(engine: Scripted) -> None:
    queue = scheduler(engine)
    running = asyncio.create_task(queue.decode([ask("running")], Lane.FINAL, "r"))
    waiting = asyncio.create_task(queue.decode([ask("waiting")], Lane.COMMENT, "r"))
    await started(queue)
    engine.go.release()
    closing = asyncio.create_task(queue.close())
    with pytest.raises(Shed):
        await waiting
    await closing
    assert (await running)[0].text == "RUNNING"


async def test_guarded_retries_of_comments_are_batched_apart_and_never_starve(engine: Scripted) -> None:
    queue = scheduler(engine, smallest_batch=2)
    tasks = [asyncio.create_task(queue.decode([ask("running")], Lane.COMMENT, "r"))]
    await started(queue)
    guarded = [Request("m", f"retry {n}", "en", "zh", guarded=True) for n in range(5)]
    tasks += [asyncio.create_task(queue.decode([request], Lane.COMMENT, "r")) for request in guarded[:3]]
    tasks += [asyncio.create_task(queue.decode([ask(f"c{n}")], Lane.COMMENT, "r")) for n in range(3)]
    await started(queue)
    for _ in range(10):
        engine.go.release()
    await asyncio.gather(*tasks)
    kinds = [{text.split()[0][0] for text in batch} for batch in engine.batches]
    assert all(len(kind) == 1 for kind in kinds), "one kind a batch"
    assert kinds[1] == {"c"} and kinds[-1] == {"r"}, "few retries wait for the comments"
    engine.batches.clear()
    tasks = [asyncio.create_task(queue.decode([ask("again")], Lane.COMMENT, "r"))]
    await started(queue)
    more = [Request("m", f"retry {n}", "en", "ja", guarded=True) for n in range(4)]
    tasks += [asyncio.create_task(queue.decode([ask(f"d{n}")], Lane.COMMENT, "r")) for n in range(3)]
    tasks += [asyncio.create_task(queue.decode([request], Lane.COMMENT, "r")) for request in more]
    await started(queue)
    for _ in range(10):
        engine.go.release()
    await asyncio.gather(*tasks)
    assert engine.batches[1][0].startswith("retry"), "a batch of retries goes first"
    await queue.close()
