"""The room and its record over HTTP."""

from __future__ import annotations

import httpx


async def test_a_room_and_its_events(service) -> None:
    async with service.client("host") as host:
        ack = await host.say(type="product", sku="SERUM-30")
    async with httpx.AsyncClient(base_url=service.url, headers={"Authorization": f"Bearer {service.token('moderator')}"}) as http:
        room = (await http.get("/api/rooms/sample")).json()
        assert room["id"] == "sample" and room["seq"] == ack["seq"] == 2 and [product["sku"] for product in room["products"]]
        page = (await http.get("/api/rooms/sample/events", params={"after": 1, "limit": 5})).json()
        assert [(event["type"], event["seq"]) for event in page["events"]] == [("product", 2)] and page["seq"] == 2
        assert (await http.get("/api/rooms/sample/events", params={"limit": 5_000})).status_code == 422
        assert "/api/rooms/{room}/events" in (await http.get("/openapi.json")).json()["paths"]


async def test_who_may_ask(service) -> None:
    async with httpx.AsyncClient(base_url=service.url) as http:
        for token, status in (
            (None, 403),
            ("nonsense", 403),
            (service.token("viewer"), 403),
            (service.token("connector"), 403),
            (service.token("admin", room="other"), 403),
            (service.token("host"), 200),
        ):
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            assert (await http.get("/api/rooms/sample", headers=headers)).status_code == status
            assert (await http.get("/api/rooms/sample/events", headers=headers)).status_code == status
        other = {"Authorization": f"Bearer {service.token('admin', room='other')}"}
        answer = await http.get("/api/rooms/other", headers=other)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_room")
