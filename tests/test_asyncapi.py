"""The socket described for machines: complete, self-contained, the same as the code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from assistant.errors import Code
from assistant.events import MAX_TEXT, ClientMessage, Flag, ServerEvent, names
from assistant.web.asyncapi import document
from tests.edge import fetch


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    return json.loads(json.dumps(document()))


def values(node: Any, key: str) -> Iterator[Any]:
    """Everything that stands under a key, anywhere."""
    if isinstance(node, dict):
        for name, inner in node.items():
            if name == key:
                yield inner
            yield from values(inner, key)
    elif isinstance(node, list):
        for inner in node:
            yield from values(inner, key)


def at(content: Any, pointer: str) -> Any:
    """What a local JSON pointer leads to; KeyError when nothing is there."""
    assert pointer.startswith("#/"), pointer
    for part in pointer[2:].split("/"):
        content = content[part.replace("~1", "/").replace("~0", "~")]
    return content


def test_every_reference_leads_somewhere(content: dict[str, Any]) -> None:
    pointers = list(values(content, "$ref"))
    pointers += [pointer for mapping in values(content, "mapping") for pointer in mapping.values()]
    assert len(pointers) > 40
    for pointer in pointers:
        assert at(content, pointer)


@pytest.mark.parametrize(("name", "union"), [("ClientMessage", ClientMessage), ("ServerEvent", ServerEvent)])
def test_both_directions_hold_every_type_under_its_name(content: dict[str, Any], name: str, union: Any) -> None:
    schema = content["components"]["schemas"][name]
    assert schema["discriminator"]["propertyName"] == "type"
    mapping = schema["discriminator"]["mapping"]
    assert set(mapping) == set(names(union)) and {each["$ref"] for each in schema["oneOf"]} == set(mapping.values())
    for type_, pointer in mapping.items():
        message = at(content, pointer)
        assert message["properties"]["type"]["const"] == type_ and message["additionalProperties"] is False


def test_the_contracts_required_fields_limits_and_codes_are_there(content: dict[str, Any]) -> None:
    schemas = content["components"]["schemas"]
    required = {type_: set(at(content, pointer).get("required", [])) for type_, pointer in schemas["ClientMessage"]["discriminator"]["mapping"].items()}
    assert required["speech"] == {"segment", "rev", "final", "text"}
    assert required["comment"] == {"id", "user", "text"} and schemas["User"]["required"] == ["id"]
    assert required["signal"] == {"name"}
    assert schemas["Comment"]["properties"]["text"]["maxLength"] == MAX_TEXT
    assert set(schemas["ErrorAnswer"]["properties"]["code"]["enum"]) == set(get_args(Code))
    assert set(schemas["Subtitle"]["properties"]["flags"]["items"]["enum"]) == set(get_args(Flag))


def test_it_is_asyncapi_3_with_one_operation_each_way(content: dict[str, Any]) -> None:
    assert content["asyncapi"] == "3.0.0" and content["info"]["title"] and content["info"]["version"]
    channel = content["channels"]["room"]
    assert channel["address"] == "/ws/rooms/{room}" and set(channel["parameters"]) == {"room"}
    ways = {operation["action"]: at(content, operation["messages"][0]["$ref"]) for operation in content["operations"].values()}
    assert ways == {"receive": channel["messages"]["ClientMessage"], "send": channel["messages"]["ServerEvent"]}, "seen from the service"
    for operation in content["operations"].values():
        assert at(content, operation["channel"]["$ref"]) is channel


async def test_the_service_hands_it_out_to_anybody(service, content: dict[str, Any]) -> None:
    answer = await asyncio.to_thread(fetch, service.url + "/asyncapi.json")
    assert answer.status == 200 and answer.json == content
