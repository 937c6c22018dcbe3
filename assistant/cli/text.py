"""`liveroom translate` and `liveroom detect`: one text, or standard input line by line."""

from __future__ import annotations

import io
import json
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import typer

from assistant.detect import Detector
from assistant.enforce import Enforcer
from assistant.engines import EngineName
from assistant.engines.direct import Direct
from assistant.errors import InputFileError, NoRoute
from assistant.glossary.layers import COMMON, Glossaries, Shelf
from assistant.glossary.read import read_glossary
from assistant.markets import read_markets
from assistant.memory import Memory
from assistant.memory.files import load
from assistant.shipped import layers
from assistant.translate import Translation

BATCH = 64
"""Lines translated together when that many wait."""

_DATA = typer.Option(Path("liveroom-data"), "--data", help="The data folder; its models override the shipped ones.")


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command("translate", epilog="Example: liveroom translate --from zh --to ar --market middle_east 这款精华液多少钱")
    def translate_command(
        text: list[str] | None = typer.Argument(None, help="The text; without it standard input is read, one text a line."),
        source: str = typer.Option("auto", "--from", help="Language of the text, or auto."),
        target: str = typer.Option(..., "--to", help="Language to translate into."),
        engine: str = typer.Option("ctranslate2", help="ctranslate2 or transformers (needs the extra [marian])."),
        market: str = typer.Option("", help="Use this market's glossary and the common one, such as middle_east."),
        glossary: Path | None = typer.Option(None, help="Use this glossary (CSV), before the market's if one is given, else alone."),
        as_json: bool = typer.Option(False, "--json", help="One JSON object a line: text, from, to, route, terms, flags."),
        data: Path = _DATA,
    ) -> None:
        """Translate a text with the installed models; approved sentences (DATA/memory) answer first, the terms of a glossary hold."""
        if engine not in get_args(EngineName):
            raise typer.BadParameter(f"engine is {' or '.join(get_args(EngineName))}")
        detector = Detector()
        terms = _glossaries(glossary, market, data)
        direct = Direct(layers(data, "models"), engine)  # type: ignore[arg-type]
        enforcer = Enforcer(direct.routes, terms, _memory(data).lookup)
        target_lang, missing = _code(target), dict[str, NoRoute]()
        if source != "auto" and _code(source) != target_lang:
            direct.prove(_code(source), target_lang)  # no model: said before the first line is waited for

        def reached(lang: str) -> str:
            """The language to translate from; the target's own when there is nothing to translate or no way to do it."""
            try:
                if lang not in ("und", target_lang):
                    direct.prove(lang, target_lang)
                    return lang
            except NoRoute as error:
                if text:
                    raise
                missing[lang] = error  # one odd line must not cost the others their answers
            return target_lang

        def answer(lines: list[str]) -> list[str]:
            langs = [_code(source) if source != "auto" else detector.detect(line).lang for line in lines]
            steps = [
                enforcer.translate(line, reached(lang), target_lang, market or None, spoken=True) for line, lang in zip(lines, langs, strict=True)
            ]
            results = direct.run(steps)
            return [
                _shown(replace(result, flags=("untranslated",)) if lang in missing else result, lang, target_lang, as_json)
                for result, lang in zip(results, langs, strict=True)
            ]

        each_line(text, answer)
        for error in missing.values():
            raise error

    @app.command("detect", epilog="Example: liveroom detect 'berapa harganya kak'")
    def detect_command(
        text: list[str] | None = typer.Argument(None, help="The text; without it standard input is read, one text a line."),
        as_json: bool = typer.Option(False, "--json", help="One JSON object a line: lang, confidence."),
    ) -> None:
        """Tell the language of a text."""
        detector = Detector()

        def answer(lines: list[str]) -> list[str]:
            found = [detector.detect(line) for line in lines]
            if as_json:
                return [json.dumps({"lang": item.lang, "confidence": round(item.confidence, 3)}) for item in found]
            return [f"{item.lang}\t{item.confidence:.2f}" for item in found]

        each_line(text, answer)


def _code(lang: str) -> str:
    """Our code for a language however it is spelt: `zh-Hans` and `zh-CN` are `zh`."""
    return lang.replace("_", "-").split("-")[0].lower()


def _memory(data: Path) -> Memory:
    """The approved sentences of the data folder; pairs and files that can't be read are named on standard error and left out."""
    memory = Memory()
    for problem in load(memory, data / "memory"):
        typer.echo(f"memory file: {problem}", err=True)
    return memory


def _glossaries(file: Path | None, market: str, data: Path) -> Glossaries:
    """The terms to translate by; raises `InputFileError` for a wrong file, names and lines in it."""
    own = read_glossary(file) if file is not None else []
    if not market:
        return Glossaries(own=own)
    markets = read_markets(layers(data, "talk_scripts")).names()
    if market not in markets:
        raise typer.BadParameter(f"no market {market!r}; there are {', '.join(markets)}")
    shelf = Shelf(layers(data, "glossaries"))
    for faulty in shelf.faults:
        if faulty.path.stem in (market, COMMON):
            raise InputFileError(str(faulty.path), faulty.problems[0].line, faulty.problems[0].message)
    return Glossaries(shelf, own)


def _shown(result: Translation, source: str, target: str, as_json: bool) -> str:
    if not as_json:
        return result.text
    fields: dict[str, Any] = {"text": result.text, "from": source, "to": target, "route": list(result.route)}
    fields |= {"terms": [term.model_dump() for term in result.terms], "flags": list(result.flags)}
    return json.dumps(fields, ensure_ascii=False)


def each_line(text: list[str] | None, answer: Callable[[list[str]], list[str]]) -> None:
    """Answer the argument, or each line of standard input in order, as soon as it can be answered."""
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    for lines in [[" ".join(text)]] if text else _waiting_lines():
        for line in answer(lines):
            sys.stdout.write(line + "\n")
        sys.stdout.flush()


def _waiting_lines() -> Iterator[list[str]]:
    """Standard input in batches of whatever lines wait, so that a pipe is fast and a dialogue is answered line by line."""
    lines: queue.Queue[str | None] = queue.Queue(BATCH)

    # A reader of its own: whoever leaves early (no route) must not meet the lock of `sys.stdin`, which this thread would hold.
    stream = io.BufferedReader(io.FileIO(sys.stdin.fileno(), closefd=False))

    def read() -> None:
        for raw in stream:
            lines.put(raw.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r"))
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    ended = False
    while not ended:
        batch: list[str] = []
        line = lines.get()
        while line is not None:
            batch.append(line)
            if len(batch) == BATCH or lines.empty():
                break
            line = lines.get()
        ended = line is None
        if batch:
            yield batch
