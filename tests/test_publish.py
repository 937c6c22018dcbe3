"""Who sees what, and what happens to a client that can't keep up."""

from __future__ import annotations

import json

from assistant.publish import ALL_TYPES, BACKLOG, CHAT, MASK, Hub, Subscriber, again, visible


class Client:
    """A subscriber that keeps what it got and can be made slow."""

    def __init__(self, role="viewer", types=ALL_TYPES, langs=None, stability="fast", live=True) -> None:
        self.got: list[bytes] = []
        self.slow = False
        self.subscriber = Subscriber(role=role, send=self.take, types=types, langs=langs, stability=stability, live=live)

    def take(self, frame: bytes) -> bool:
        if self.slow:
            return False
        self.got.append(frame)
        return True


def hub(*clients: Client) -> tuple[Hub, list[Subscriber]]:
    dropped: list[Subscriber] = []
    made = Hub(dropped.append)
    for client in clients:
        made.add(client.subscriber)
    return made, dropped


def test_roles_see_what_the_contract_says() -> None:
    assert visible("viewer", False, None) == {"subtitle", "overlay"}
    assert visible("viewer", True, None) == {"subtitle", "overlay", "comment", "moderate"}
    assert visible("connector", False, None) == {"reply"}
    assert visible("host", False, None) == ALL_TYPES == visible("admin", False, None) == visible("moderator", False, None)
    assert visible("viewer", False, frozenset({"subtitle", "comment"})) == {"subtitle"}
    assert visible("admin", False, frozenset()) == frozenset()


def test_lang_narrows_subtitles_only() -> None:
    client = Client(langs=frozenset({"ar"}))
    room, _ = hub(client)
    room.publish("subtitle", 1, b"ar", "ar")
    room.publish("subtitle", 2, b"ja", "ja")
    room.publish("comment", 3, b"comment")
    assert client.got == [b"ar", b"comment"]


def test_partials_go_to_their_mode_finals_to_all() -> None:
    fast, reading = Client(), Client(stability="reading")
    room, _ = hub(fast, reading)
    room.publish("subtitle", None, b"partial", "ar", only="fast")
    room.publish("subtitle", 1, b"final", "ar")
    assert (fast.got, reading.got) == ([b"partial", b"final"], [b"final"])
    assert room.modes("ar") == {"fast", "reading"} and Hub(lambda subscriber: None).modes("ar") == set()


def test_a_slow_client_is_dropped_and_others_notice_nothing() -> None:
    slow, good = Client(), Client()
    room, dropped = hub(slow, good)
    slow.slow = True
    room.publish("overlay", 1, b"one")
    room.publish("overlay", 2, b"two")
    assert dropped == [slow.subscriber] and good.got == [b"one", b"two"] and len(room) == 1


def test_a_client_that_catches_up_keeps_what_happens_meanwhile_up_to_a_bound() -> None:
    client = Client(live=False)
    room, dropped = hub(client)
    room.publish("overlay", 7, b"x")
    assert client.got == [] and client.subscriber.backlog == [(7, b"x")]
    for seq in range(BACKLOG + 1):
        room.publish("overlay", seq, b"x")
    assert dropped == [client.subscriber]


COMMENT = json.dumps({
    "id": "c1", "user": {"id": "p-1", "name": "call +971 50 123 4567"}, "platform": "", "text": "me@shop.example ٠٥٠١٢٣٤٥٦٧٨ 1,290,000 189",
    "translation": {"lang": "zh", "text": "打 05012345678"}, "flags": [],
})


def test_viewers_of_the_chat_see_masked_comments_and_pins_staff_sees_all() -> None:
    viewer, staff = Client(types=visible("viewer", True, None)), Client(role="moderator")
    room, _ = hub(viewer, staff)
    room.show("comment", 1, 5, COMMENT)
    room.show("moderate", 2, 5, '{"action":"mute","target":"p-1"}')
    room.show("moderate", 3, 5, '{"action":"pin","target":"c1"}')
    masked, pin = [json.loads(frame) for frame in viewer.got]
    assert masked["text"] == f"{MASK} {MASK} 1,290,000 189" and masked["user"]["name"] == f"call {MASK}"
    assert masked["translation"]["text"] == f"打 {MASK}" and masked["flags"] == ["pii_masked"]
    assert pin["action"] == "pin"
    assert json.loads(staff.got[0])["text"].startswith("me@shop.example") and len(staff.got) == 3
    assert again(viewer.subscriber, "comment", 1, 5, COMMENT) == viewer.got[0].decode()
    assert again(viewer.subscriber, "moderate", 2, 5, '{"action":"mute","target":"p-1"}') is None
    assert MASK not in (again(staff.subscriber, "comment", 1, 5, COMMENT) or MASK)


def test_viewers_without_a_chat_token_see_no_comments() -> None:
    viewer = Client(types=visible("viewer", False, None))
    room, _ = hub(viewer)
    room.show("comment", 1, 5, COMMENT)
    assert viewer.got == [] and not CHAT & visible("viewer", False, None)
