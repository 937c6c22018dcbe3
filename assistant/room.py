"""A room: the one page that reads the stages in order.

Host speech:  ingest → record → for every subtitle language: protect → translate → restore → record → publish.
A comment:    ingest → detect → protect → translate → restore → record → publish.
Whatever else: ingest → record → publish.
What is recorded: signals → suggest → record → publish (`understanding`).

What is recorded is published by the record's commit callback, in the order of its numbers; what is not (partials, stats, and
everything while the disk fails) is published here with `seq` null. All of this runs on one event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from assistant import events, ingest
from assistant.audience import Audience
from assistant.book import RECORDED, Book
from assistant.detect import Detector
from assistant.enforce import Enforcer
from assistant.errors import WireError
from assistant.events import ClientMessage, Comment, CommentEvent, Event, Flag, Rendering, Reply, ReplyInput, Speech
from assistant.forgetting import Forgetting
from assistant.glossary.layers import Glossaries, product_terms
from assistant.interpret import Interpreter
from assistant.markets import Markets
from assistant.memory import Learned, Memory
from assistant.partials import Meter, Partials
from assistant.publish import Hub
from assistant.readings import UNREAD, Readings
from assistant.recent import RecentDetector
from assistant.record import Record, Stored
from assistant.roomfile import RoomFile
from assistant.schedule import Lane, Scheduler
from assistant.signals.read import Reader
from assistant.translate.routes import Routes
from assistant.understanding import Understanding
from assistant.watch import Alarm, Watch


class Room:
    """One room's flow. Build it in `create_app`; call `start` before the first message."""

    def __init__(
        self, file: RoomFile, *, markets: Markets, routes: Routes, scheduler: Scheduler, record: Record, detector: Detector,
        hub: Hub, meter: Meter, key: bytes, clock: Callable[[], int], glossaries: Glossaries | None = None,
        memory: Memory | None = None, watch: Watch | None = None, reader: Reader | None = None, understanding: Understanding | None = None,
    ) -> None:
        self.file, self.hub, self.glossaries = file, hub, glossaries or Glossaries(own=product_terms(file.products))
        self._markets, self._record = markets, record
        self._detector, self.meter, self._key, self.clock = RecentDetector(detector), meter, key, clock
        self.memory = Learned(file.id, record, file.host_language, Memory() if memory is None else memory, [product.names for product in file.products])
        interpreter = Interpreter(file.id, Enforcer(routes, self.glossaries, self.memory.lookup), scheduler, meter, clock)
        self.translated = interpreter.translated
        self.languages = tuple(file.subtitle_languages) or markets.languages(file.markets)
        self._spoken = tuple(dict.fromkeys((*markets.languages(file.markets), *self.languages, file.host_language)))
        self.understanding = understanding or Understanding(file, markets)
        self._stream, self._segments = ingest.Broadcast(), ingest.Segments()
        self._audience, self._partials = Audience(), Partials(self)
        self.forget = Forgetting(self._audience, self.understanding, self.memory, (interpreter.clear, self._detector.clear), hub).forget
        self.watch = watch or Watch(file, None, markets)
        self._alarm = Alarm(self.watch, hub, self.spawn, self._note)
        self._tasks, self._book = set[asyncio.Task[None]](), Book(file.id, record, hub)
        self._readings = Readings(reader) if reader else None

    async def start(self) -> None:
        """Take up where the record ends: stream, segments, known comments; make subtitles that a crash left out."""
        await self.memory.start()
        for span in (await self._record.streams(self.file.id))[-1:]:
            self._stream.restore(span.id, "ended" if span.ended else "started")
        recent = await self._record.after(self.file.id, before := max(0, self._record.last_seq(self.file.id) - 10_000), 10_000)
        self.understanding.learn(await self._record.answers(self.file.id, before))
        pending: dict[tuple[str, str], tuple[Speech, set[str]]] = {}
        for row in recent:
            data = json.loads(row.body)
            if row.type == "stream":
                self._stream.restore(data["id"], data["state"])
                self._segments = ingest.Segments()
            elif row.type == "speech":
                self._segments.close(data["segment"], data["rev"], data["text"])
                pending[row.stream, data["segment"]] = (Speech(**data), set(self.languages))
            elif row.type == "subtitle" and (row.stream, data["segment"]) in pending:
                pending[row.stream, data["segment"]][1].discard(data["lang"])
            elif row.type == "comment":
                self._audience.recorded(row.seq, data)
            elif row.type == "product":
                self.watch.product(data["sku"])
            self.understanding.restore(row.type, row.body, row.at)
            self._stream.touch(row.at)
        for (stream, _), (speech, langs) in pending.items():
            if langs:  # its warnings may be missing too
                self._alarm.final(speech, self.spoken(speech), stream, self.clock())
            for lang in langs:
                self.spawn(self._subtitle(speech, lang, stream, self.clock()))

    async def drain(self, seconds: float = 10.0) -> None:
        """Wait for what is under way and what comes of it, at most `seconds`."""
        until = asyncio.get_running_loop().time() + seconds
        while self._tasks and (left := until - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(tuple(self._tasks), timeout=left)

    def receive(self, message: ClientMessage) -> Coroutine[Any, Any, int | None]:
        """Take a message in. Await the result for the `seq` to acknowledge (None for what is not recorded).

        What must keep the order of arrival happens before the first suspension. Raises `WireError`.
        """
        if isinstance(message, Speech):
            return self._speech(message)
        if isinstance(message, Comment):
            return self._comment(message)
        return self._reply(message) if isinstance(message, ReplyInput) else self._fact(message)

    def committed(self, rows: Sequence[Stored]) -> None:
        """Publish what the record has just made durable, in order of number, and record what it brings about."""
        for row in rows:
            self.hub.show(row.type, row.seq, row.at, row.body)
            self._told(self.understanding.take(row.type, row.body, row.at), row.stream)

    def _told(self, made: Sequence[Event], stream: str) -> None:
        for event in made:
            self.spawn(self._note([event], event.at, stream=stream))

    def stats(self) -> None:
        """Publish the live numbers, and record what the passing of time brings about."""
        if self._stream.on_air(self.clock()) and not self._record.waiting:  # else an input of before `now` has yet to be taken in, and moves the time on
            self._told(self.understanding.tick(self.clock()), self._stream.id)
        self.hub.publish("stats", None, events.dump(self.understanding.stats(self.clock())).encode())

    # Host speech

    async def _speech(self, speech: Speech) -> int | None:
        begun = self._begin(now := self.clock())
        verdict = self._segments.accept(speech)
        if verdict == "stale":
            return None
        if verdict == "repeated":
            with contextlib.suppress(WireError):  # unreadable now: then recording it again says what is wrong
                if known := await self._record.find(self.file.id, self._speech_key(speech)):
                    return known.seq
        if verdict == "partial":
            self._partials.revise(speech)
            self._alarm.partial(speech, self.spoken(speech), now)
            if begun:
                await self._note(begun, now)
            return None
        self._partials.close(speech.segment)
        event = events.SpeechEvent(**{**speech.model_dump(), "ref": None}, at=now)
        stream, kept = self._stream.id, True
        try:
            (*_, stored) = await self._append([*begun, event], now, key=self._speech_key(speech))
        except WireError:
            kept = False  # nor are its subtitles then: in the record they come after their final, which may be sent again
            raise
        finally:
            self._alarm.final(speech, self.spoken(speech), stream, now, kept)
            for lang in self.languages:
                self.spawn(self._subtitle(speech, lang, stream, now, kept))
        return stored.seq

    async def _note(self, recorded: Sequence[Event], now: int, key: str | None = None, stream: str | None = None) -> None:
        """Record without anybody waiting for the number."""
        with contextlib.suppress(WireError):  # published without a number then; `/readyz` says why
            await self._append(recorded, now, key=key, stream=stream)

    def _speech_key(self, speech: Speech) -> str:
        return f"speech:{self._stream.id}:{speech.segment}"

    async def _subtitle(self, speech: Speech, lang: str, stream: str, since: int, kept: bool = True) -> None:
        """Translate a final into one language, record (if the final is `kept`) and publish it."""
        source, market = self.spoken(speech), self.market(lang)
        result = await self.translated(speech.text, source, lang, Lane.FINAL, market, spoken=True)
        now = self.clock()
        self._partials.finished(speech.segment, lang, result.text)
        event = events.Subtitle(
            at=now, segment=speech.segment, rev=speech.rev, final=True, lang=lang, market=market, text=result.text,
            source=Rendering(lang=source, text=speech.text), terms=list(result.terms), flags=list(result.flags), latency_ms=max(0, now - since),
        )
        self.meter.stage("subtitle", (now - since) / 1000)
        if kept:
            await self._note([event], now, key=f"subtitle:{stream}:{speech.segment}:{lang}", stream=stream)
        else:
            self.hub.show(event.type, None, now, events.body(event))
        await self._alarm.subtitle(event, stream, kept)

    # Comments and replies

    async def _comment(self, comment: Comment) -> int | None:
        arrived = self.clock()
        if (known := self._audience.seq_of(comment.platform, comment.id)) is not None:
            return known
        user = events.User(id=ingest.pseudonym(comment.user.id, self._key), name=comment.user.name)
        local = self._markets.languages_of(comment.country) or self._detector.languages_of(comment.country)
        found = self._detector.detect(comment.text, priors=self._spoken, market_langs=local, history=self._audience.history(user.id))
        self._audience.typed(user.id, found.lang, found.confidence)
        translation: Rendering | None = None
        flags, terms = list[Flag](), list[events.TermUse]()
        if found.romanised:
            flags.append("romanised")
        elif found.lang not in ("und", self.file.moderators):
            market = self._markets.market_of(comment.country, self.file.markets) or self.market(found.lang)
            result = await self.translated(comment.text, found.lang, self.file.moderators, Lane.COMMENT, market)
            flags += result.flags
            if "untranslated" not in result.flags:
                translation, terms = Rendering(lang=self.file.moderators, text=result.text), list(result.terms)
        flags += ["low_confidence"] if found.lang != "und" and found.confidence < 0.5 else []
        meant = await self._readings.read(comment.text, translation.text if translation else "") if self._readings else UNREAD
        shown = self.watch.comment(user.name, comment, found.lang, translation and translation.text, self.file.moderators, meant.intents)
        translation = translation and Rendering(lang=translation.lang, text=shown.translation or "")
        now = self.clock()
        event = CommentEvent(
            at=now, id=comment.id, user=events.User(id=user.id, name=shown.name), platform=comment.platform, country=comment.country,
            text=shown.text, lang=found.lang, confidence=round(found.confidence, 3), translation=translation, terms=terms,
            flags=[*flags, *shown.flags], intent=meant.intents[0] if meant.intents else None, intents=list(meant.intents[1:]),
            sentiment=meant.sentiment,
        )
        (*_, stored) = await self._append([*self._begin(now), event], now, key=f"comment:{comment.platform}:{comment.id}", user=user.id)
        self._audience.known(comment.platform, comment.id, stored.seq, found.lang, user.id)
        self.meter.stage("comment", (self.clock() - arrived) / 1000)
        return stored.seq

    async def _reply(self, reply: ReplyInput) -> int | None:
        lang = self._audience.lang_of(reply.comment)
        if lang is None:
            raise WireError("unknown_target", f"no comment {reply.comment} in this room")
        source = self.file.moderators
        target = source if lang == "und" else lang
        if drafted := self.understanding.drafted(reply.comment, target, reply.text):
            text, read, flags = *drafted, list[Flag]()
        else:
            result = await self.translated(reply.text, source, target, Lane.FINAL, self.market(target))
            text, read, flags = result.text, Rendering(lang=source, text=reply.text), list(result.flags)
        now = self.clock()
        event = Reply(at=now, comment=reply.comment, lang=target, text=text, source=read, flags=flags)
        (*_, stored) = await self._append([*self._begin(now), event], now)
        return stored.seq

    # Everything else

    async def _fact(self, message: ClientMessage) -> int | None:
        self._check_target(message)
        now = self.clock()
        if isinstance(message, events.Stream):
            recorded: list[Event] = self._stream.told(message.state, message.id, now)
            if not recorded:
                raise WireError("unknown_target", "no stream is running")
            self._segments = ingest.Segments()
        else:
            fields = message.model_dump(exclude={"ref"}, exclude_none=True)
            if isinstance(message, events.Signal) and message.user is not None:
                fields["user"] = ingest.pseudonym(message.user, self._key)
            fields |= {"target": fields.pop("seq")} if isinstance(message, events.Correct) else {}
            recorded = [*self._begin(now), RECORDED[message.type].model_validate({**fields, "at": now})]
        (*_, stored) = await self._append(recorded, now)
        if isinstance(message, events.Product):
            self.watch.product(message.sku)
        elif isinstance(message, events.Correct):
            with contextlib.suppress(WireError):  # recorded, so learned at the next start at the latest
                await self.memory.learn(stored.seq)
        return stored.seq

    def _check_target(self, message: ClientMessage) -> None:
        known = not isinstance(message, events.Feedback) or self.understanding.knows(message.suggestion)
        if isinstance(message, events.Product):
            known = not self.file.products or any(product.sku == message.sku for product in self.file.products)
        elif isinstance(message, events.Moderate):
            known = self._audience.knows(message.target) or self.understanding.knows(message.target)
        elif isinstance(message, events.Correct):
            known = message.seq <= self._record.last_seq(self.file.id)
        if not known:
            raise WireError("unknown_target", f"{message.type}: no such target in this room")

    # Shared steps

    def _begin(self, now: int) -> list[Event]:
        """The stream events that this input brings about, if it is the first after a silence."""
        if begun := self._stream.begun_by(now):
            self._segments = ingest.Segments()
        return begun

    async def _append(self, recorded: Sequence[Event], at: int, key: str | None = None, user: str | None = None, stream: str | None = None) -> list[Stored]:
        """Make events durable in the running stream or in `stream`; the key and the user belong to the last."""
        return await self._book.append(recorded, at, stream or self._stream.id, key, user)

    def spoken(self, speech: Speech) -> str:
        """The language of a revision as the models name it."""
        return ingest.language(speech.lang or self.file.host_language)

    def market(self, lang: str) -> str | None:
        """The market whose glossary a subtitle language uses."""
        return self.file.subtitle_markets.get(lang) or self._markets.first_with(lang, self.file.markets)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run in the background; `drain` waits for it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
