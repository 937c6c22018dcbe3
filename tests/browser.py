"""Debian's Chromium for the tests of pages: one page at a time, which must not report a fault."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.async_api")


def chromium() -> str | None:
    """Where a Chromium is installed."""
    return next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)


needed = pytest.mark.skipif(chromium() is None, reason="no Chromium here")


@asynccontextmanager
async def browsing(**context: Any) -> AsyncIterator[Any]:
    """A browser context; its pages' faults are collected in `context.faults` and must be none at the end."""
    async with playwright.async_playwright() as player:
        browser = await player.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        context = await browser.new_context(**{"locale": "en-GB", **context})
        context.faults = []
        context.on("weberror", lambda error: context.faults.append(str(error.error)))
        context.on("console", lambda line: context.faults.append(line.text) if line.type == "error" else None)
        yield context
        assert context.faults == []
        await browser.close()


async def soon(ask: Callable[[], Awaitable[Any]], wanted: Any, seconds: float = 10.0) -> None:
    """Wait until `ask` answers `wanted`."""
    until = asyncio.get_running_loop().time() + seconds
    while (got := await ask()) != wanted and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(0.02)
    assert got == wanted
