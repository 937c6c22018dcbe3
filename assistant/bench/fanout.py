"""fanout: one subtitle to a thousand sockets ÷ a bare `websockets` broadcast of the same bytes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from assistant.bench.result import Plan, Result, judged, percentile, skipped
from assistant.bench.serving import Service, serving
from assistant.bench.stamp import STAMP
from assistant.bench.subject import Subject, subjects
from assistant.bench.wire import connected, masked

BAR = 1.5
PROCESSES = 2
GAP_SECONDS = 0.25
LANG = "ar"


def run(plan: Plan) -> list[Result]:
    """The ratio of the 99th percentiles over all viewers and rounds."""
    found, missing = subjects(plan)
    if not found:
        return [skipped("fanout", "; ".join(missing.values()))]
    return [measure(Subject(found[-1].name, found[-1].folder, forced=True), plan.count(1_000, 300), plan.count(60, 12))]


def measure(subject: Subject, viewers: int, rounds: int) -> Result:
    """The two servers take turns, so that the machine's noise falls on both."""
    allow_sockets(2 * viewers + 200)
    with (
        serving(subject, languages=[LANG], stamped=True) as service,
        _process("broadcast") as (broadcaster, said),
        contextlib.ExitStack() as crowds,
    ):
        bare_url = said.split()[1]
        ours = [crowds.enter_context(_process("viewers", _viewer(service), str(viewers // PROCESSES)))[0] for _ in range(PROCESSES)]
        theirs = [crowds.enter_context(_process("viewers", bare_url, str(viewers // PROCESSES)))[0] for _ in range(PROCESSES)]
        asyncio.run(_rounds(service, bare_url, rounds))
        mine, reference = ([_report(process) for process in group] for group in (ours, theirs))
        if broadcaster.poll() is not None:
            raise RuntimeError("the broadcast server ended early")
    took, base = ([seconds for report in group for seconds in report["took"]] for group in (mine, reference))
    expected = viewers // PROCESSES * PROCESSES * rounds
    if len(took) != expected or len(base) != expected:
        raise RuntimeError(f"{len(took)} and {len(base)} of {expected} frames arrived")
    details = {
        name: {f"p{share:.0%}".rstrip("%"): round(percentile(values, share) * 1000, 2) for share in (0.5, 0.95, 0.99)}
        for name, values in (("service_ms", took), ("broadcast_ms", base))
    }
    return judged("fanout", percentile(took, 0.99) / percentile(base, 0.99), "<=", BAR, viewers=viewers, rounds=rounds, **details)


def allow_sockets(count: int) -> None:
    """Raise this process's limit of open files, which its children inherit; there is none to raise on Windows."""
    try:
        import resource
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count if hard == resource.RLIM_INFINITY else min(count, hard), hard))


def _viewer(service: Service) -> str:
    return service.socket("viewer", streams="subtitle", lang=LANG)


@contextmanager
def _process(*arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A process of `crowd` and the line it said when it was ready."""
    process = subprocess.Popen([sys.executable, "-m", "assistant.bench.crowd", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None
    try:
        yield process, process.stdout.readline().decode()
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def _report(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    output, _ = process.communicate(timeout=60)
    return json.loads(output)


async def _rounds(service: Service, bare_url: str, rounds: int) -> None:
    """Each round a subtitle of the service's, then the very same bytes by broadcast."""
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    watcher = await connected(service.socket("moderator", streams="subtitle"), heard.put_nowait)
    host = await connected(service.socket("host", streams="none"), lambda payload: None)
    teller = await connected(bare_url, lambda payload: None)
    for number in range(rounds):
        line = {"type": "speech", "segment": f"f{number}", "rev": 0, "final": True, "text": f"大家好 {number} @{STAMP.decode()}", "lang": "zh"}
        host.write(masked(json.dumps(line).encode()))
        async with asyncio.timeout(30):
            frame = await heard.get()
        await asyncio.sleep(GAP_SECONDS)
        teller.write(masked(re.sub(rb"@\d{20}", b"@" + STAMP, frame)))
        await asyncio.sleep(GAP_SECONDS)
    for client in (watcher, host, teller):
        await client.close()
