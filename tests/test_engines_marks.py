"""Marks are used only where the model was seen to copy them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import regex

from assistant.engines import load
from assistant.engines.direct import Direct
from assistant.engines.marks import KINDS, proven, routing
from assistant.models.folder import ModelFolder, SelfTest, scan
from assistant.shipped import shipped
from assistant.translate.request import Decoded, Request

ROW = SelfTest("zh", "en", "今天有货。", ("In stock today.",))


class Copier:
    """Says a sentence, with whatever of its kinds of mark it was sent."""

    def __init__(self, copies: str, times: int = 1) -> None:
        self._copies, self._times = regex.compile(copies), times

    def translate(self, batch: Sequence[Request]) -> list[Decoded]:
        return [Decoded("it is in stock " + " ".join(self._copies.findall(request.text) * self._times)) for request in batch]


def folder(marks: tuple[str, ...] = ()) -> ModelFolder:
    return ModelFolder(path=Path("m"), name="m", source=("zh",), target=("en",), selftest=(ROW,), marks=marks)


def test_a_model_without_marks_gets_the_kind_it_copies() -> None:
    assert proven(folder(), Copier(r"\[\d\]"))[:2] == ("[0]", "[1]")
    assert proven(folder(), Copier(r"#\d#")) == KINDS[4]


def test_what_is_lost_or_doubled_is_no_mark() -> None:
    assert proven(folder(), Copier(r"$^")) == ()
    assert proven(folder(), Copier(r"\[\d\]", times=2)) == ()
    assert proven(folder(), Copier(r"\[[0-3]\]")) == (), "half of a kind is not enough"


def test_trained_marks_are_tried_one_by_one() -> None:
    assert proven(folder(("⟦0⟧", "⟦1⟧", "⟦2⟧")), Copier("⟦[02]⟧")) == ("⟦0⟧", "⟦2⟧")
    assert proven(folder(("⟦0⟧", "⟦1⟧")), Copier(r"\[\d\]")) == ()


def test_the_shipped_model_copies_its_marks() -> None:
    (model,) = scan([shipped("models")])[0]
    assert len(routing(model, load(model)).marks) >= 12
    direct = Direct([shipped("models")])
    direct.prove("zh", "ar")
    assert direct.routes.find("zh", "ar").hops[0].marks


def test_the_engine_answers_with_hypotheses_attention_and_prefixes() -> None:
    (model,) = scan([shipped("models")])[0]
    engine = load(model)
    plain = Request(model.name, "这款⟦0⟧多少钱？", "zh", "en")
    first, best, begun, banned = engine.translate(
        [plain, replace(plain, nbest=4), replace(plain, prefix="Today ⟦0⟧"), replace(plain, suppress=("how",))]
    )
    assert first.attention is None and first.others == ()
    assert len(best.others) == 3 and best.attention is not None
    assert len(best.attention.weights[0]) == len(best.attention.source)
    assert any(best.text[place:].startswith("⟦0⟧") for place in best.attention.target)
    assert plain.text[best.attention.source[-3] :].startswith(("多", "少", "钱", "？"))
    assert begun.text.startswith("Today ⟦0⟧") and "how" not in banned.text.lower().split()

