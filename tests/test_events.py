"""The wire: every message parses and dumps, bad ones get the contract's code."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import events
from assistant.errors import WireError

CLIENT = [
    '{"type":"speech","segment":"s12","rev":3,"final":false,"text":"大家好，欢迎来到","lang":"zh","ref":"a1"}',
    '{"type":"comment","id":"c991","user":{"id":"u7","name":"Aisha"},"text":"كم السعر؟","platform":"tiktok","country":"SA"}',
    '{"type":"signal","name":"viewers","value":1520}',
    '{"type":"signal","name":"order","user":"u7","sku":"SERUM-30","value":89.0,"currency":"SAR"}',
    '{"type":"product","sku":"SERUM-30"}',
    '{"type":"feedback","suggestion":"g12","action":"used"}',
    '{"type":"reply","comment":"c991","text":"八十九里亚尔，包邮"}',
    '{"type":"moderate","action":"hide","target":"c991"}',
    '{"type":"correct","seq":43,"lang":"zh","text":"…"}',
    '{"type":"cue","text":"喝口水","flash":true,"seconds":60}',
    '{"type":"overlay","action":"clear","lang":"ar"}',
    '{"type":"stream","state":"started"}',
]


@pytest.mark.parametrize("frame", CLIENT, ids=lambda frame: json.loads(frame)["type"])
def test_client_messages_of_the_contract(frame: str) -> None:
    message = events.parse(frame)
    again = json.loads(message.model_dump_json(exclude_unset=True))
    assert again == {key: value for key, value in json.loads(frame).items() if key != "type"} or again == json.loads(frame)


def test_every_client_type_has_an_example() -> None:
    assert {json.loads(frame)["type"] for frame in CLIENT} == set(events.names(events.ClientMessage))


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "bad_message"),
        ("[]", "bad_message"),
        ("null", "bad_message"),
        ('"speech"', "bad_message"),
        ('{"type":"nonsense"}', "bad_message"),
        ('{"segment":"s"}', "bad_message"),
        ('{"type":"speech","segment":"s","rev":0,"final":true}', "bad_message"),
        ('{"type":"speech","segment":"s","rev":-1,"final":true,"text":"x"}', "bad_message"),
        ('{"type":"speech","segment":"","rev":0,"final":true,"text":"x"}', "bad_message"),
        ('{"type":"product","sku":"a","seq":3}', "bad_message"),
        ('{"type":"comment","id":"1","user":{"id":"x","admin":true},"text":"a"}', "bad_message"),
        ('{"type":"signal","name":"viewers"}', "bad_message"),
        ('{"type":"signal","name":"order","currency":"SAR"}', "bad_message"),
        ('{"type":"signal","name":"viewers","value":NaN}', "bad_message"),
        ('{"type":"signal","name":"like","value":1e400}', "bad_message"),
        ('{"type":"comment","id":"1","user":{"id":"x"},"text":"\\ud800"}', "bad_message"),
        (json.dumps({"type": "comment", "id": "1", "user": {"id": "x"}, "text": "字" * 2001}), "too_large"),
        (json.dumps({"type": "comment", "id": "i" * 201, "user": {"id": "x"}, "text": "a"}), "bad_message"),
        ("[" * 20_000, "bad_message"),
    ],
)
def test_bad_messages(frame: str, code: str) -> None:
    with pytest.raises(WireError) as caught:
        events.parse(frame)
    assert caught.value.code == code
    assert caught.value.message


def test_text_of_exactly_the_limit_is_taken() -> None:
    assert events.parse(json.dumps({"type": "cue", "text": "字" * 2000})).type == "cue"


def test_ref_of_a_bad_message() -> None:
    assert events.ref_of('{"type":"x","ref":"q"}') == "q"
    for frame in ("{", "[]", '{"ref":3}', "[" * 50_000, '{"ref":"' + "x" * 300 + '"}'):
        assert events.ref_of(frame) is None


def _server_examples() -> list[events.Message]:
    rendering = events.Rendering(lang="zh", text="你好")
    return [
        events.Subtitle(segment="s", rev=1, final=True, lang="ar", text="مرحبا", source=rendering),
        events.CommentEvent(id="c", user=events.User(id="p-1"), text="hi", lang="en", confidence=0.9),
        events.Reply(comment="c", lang="ar", text="x", source=rendering),
        events.Suggestion(id="g1", market="japan", lang="ja", text="x", gloss=rendering, stage="price", reason="r", score=0.5, expires_at=9),
        events.WarningEvent(lang="zh", market="japan", rule="r", category="superlative", severity="block", span=(0, 2), matched="最好", message="m"),
        events.Question(id="q1", intent="price.ask", count=2, example="c", drafts={"ar": "x"}),
        events.Stats(
            viewers=3, revenue={"SAR": 89.0}, funnel=events.Funnel(steps=[events.FunnelStep(step="viewers", count=3)], leak="clicks"),
            changes=[events.Change(name="quiet", at=9, since=4, before=48, after=2.5, segments=["s1"], sku="A")],
        ),
        events.Erased(seq=4),
        events.SpeechEvent(segment="s", rev=1, final=True, text="你好"),
        events.SignalEvent(name="viewers", value=3),
        events.ProductEvent(sku="a"),
        events.FeedbackEvent(suggestion="g", action="used"),
        events.ModerateEvent(action="hide", target="c"),
        events.CorrectEvent(seq=9, target=1, lang="zh", text="x"),
        events.CueEvent(text="x"),
        events.OverlayEvent(action="clear"),
        events.StreamEvent(id="s", state="started"),
        events.Ack(seq=3),
        events.ErrorAnswer(code="internal", message="x"),
    ]


def test_every_server_event_survives_its_own_json() -> None:
    examples = _server_examples()
    assert {type(example) for example in examples} == set(get_args(get_args(events.ServerEvent)[0]))
    for example in examples:
        line = events.dump(example)
        assert line.startswith('{"type":"')
        assert events.load(line) == example


def test_frame_is_the_dump() -> None:
    event = events.CueEvent(seq=7, at=9, text="x")
    assert json.loads(events.frame("cue", 7, 9, events.body(event))) == json.loads(events.dump(event))
    assert list(json.loads(events.dump(event)))[:3] == ["type", "seq", "at"]


def test_recorded_inputs_go_out_as_they_came() -> None:
    sent = json.loads(CLIENT[2])
    event = events.SignalEvent(**{key: value for key, value in sent.items() if key != "type"}, ref="r", seq=1, at=5)
    assert json.loads(events.dump(event)) == {**sent, "seq": 1, "at": 5}


@given(st.text(max_size=300))
def test_any_text_either_parses_or_is_a_wire_error(frame: str) -> None:
    try:
        events.parse(frame)
    except WireError as error:
        assert error.code in ("bad_message", "too_large")
