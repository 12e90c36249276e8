"""What every web server of the package has: guards, limits, answers."""

from __future__ import annotations

import time

import pytest

pytest.importorskip("starlette", reason="needs the extra mfccclf[web]")

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket

from mfccclf.web_server import (
    RefusedError,
    ServerSettings,
    WorkPool,
    bound_body,
    make_app,
    read_body,
)

HOME = "http://localhost:8000"
WS = "ws://localhost:8000"


async def page(_: Request) -> Response:
    return PlainTextResponse("hello")


async def count(request: Request) -> Response:
    body = await read_body(bound_body(request, max_bytes=10, max_s=5))
    return JSONResponse(len(body))


async def fail(_: Request) -> Response:
    raise RuntimeError("a secret at /home/someone")


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close()


async def refuse_socket(_: WebSocket) -> None:
    raise RefusedError(429, "busy", "Come again.")


ROUTES = [
    Route("/", page),
    Route("/healthz", page),
    Route("/count", count, methods=["POST"]),
    Route("/fail", fail),
    WebSocketRoute("/socket", socket),
    WebSocketRoute("/busy", refuse_socket),
]


def make_client(base_url: str = HOME, **settings) -> TestClient:
    app = make_app(ROUTES, ServerSettings(**settings))
    return TestClient(app, base_url=base_url)


def code_of(answer) -> str:
    return answer.json()["error"]["code"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8000", 200),
        ("example.org", 400),
        ("localhost.example.org", 400),
        ("localhost:8000@example.org", 400),
        ("", 400),
    ],
)
def test_only_the_servers_own_names_are_answered(host, status):
    answer = make_client().get("/", headers={"Host": host})
    assert answer.status_code == status
    if status == 400:
        assert code_of(answer) == "foreign_host"


def test_a_name_that_is_allowed_is_answered():
    client = make_client("http://sound.example.org", allowed_hosts=("*",))
    assert client.get("/").status_code == 200
    named = make_client("http://x.org", allowed_hosts=("X.org",))
    assert named.get("/").status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (HOME, 200),
        ("http://localhost:9000", 403),
        ("null", 403),
        ("https://good.example", 200),
        ("https://good.example.evil", 403),
    ],
)
def test_pages_of_other_sites_may_not_ask_unless_allowed(origin, status):
    client = make_client(allowed_origins=("https://good.example",))
    answer = client.get("/", headers={"Origin": origin})
    assert answer.status_code == status
    if origin == "https://good.example":
        assert answer.headers["access-control-allow-origin"] == origin


def test_a_foreign_page_cannot_open_a_websocket():
    client = make_client()
    with (
        pytest.raises(WebSocketDenialResponse) as caught,
        client.websocket_connect(
            WS + "/socket", headers={"Origin": "https://evil.org"}
        ),
    ):
        pass
    assert caught.value.status_code == 403
    assert code_of(caught.value) == "foreign_origin"


def test_a_websocket_is_refused_with_a_reason():
    with (
        pytest.raises(WebSocketDenialResponse) as caught,
        make_client().websocket_connect(WS + "/busy"),
    ):
        pass
    assert caught.value.status_code == 429
    assert caught.value.json()["error"]["reason"] == "Come again."


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, 401),
        ("Bearer wrong", 401),
        ("Basic a-token-of-16-letters", 401),
        ("Bearer é", 401),
        ("Bearer a-token-of-16-letters", 200),
    ],
)
def test_a_token_is_asked_for_everywhere_but_at_open_paths(header, status):
    client = make_client(token="a-token-of-16-letters")
    headers = {} if header is None else {"Authorization": header.encode()}
    assert client.get("/", headers=headers).status_code == status
    assert client.get("/healthz", headers=headers).status_code == 200


def test_a_browser_may_ask_beforehand_without_the_token():
    site = "https://good.example"
    client = make_client(token="a-token-of-16-letters", allowed_origins=(site,))
    headers = {"Origin": site, "Access-Control-Request-Method": "POST"}
    answer = client.options("/count", headers=headers)
    assert answer.status_code == 200
    assert client.options("/count", headers={"Origin": site}).status_code == 401


def test_every_answer_carries_a_policy_without_inline_scripts():
    client = make_client(content_policy={"media-src": "'self' blob:"})
    for path in ("/", "/nothing", "/fail"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "media-src 'self' blob:" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_a_fault_of_ours_is_told_without_what_it_was(caplog):
    answer = make_client().get("/fail")
    assert answer.status_code == 500
    assert code_of(answer) == "fault"
    assert "secret" not in answer.text
    faults = [one for one in caplog.records if one.message == "fault"]
    assert "a secret" in faults[0].facts["trace"]


def test_unknown_addresses_and_methods_get_json():
    client = make_client()
    assert code_of(client.get("/nothing")) == "not_found"
    assert code_of(client.get("/count")) == "method_not_allowed"


def test_a_body_may_not_exceed_its_limit_stated_or_not():
    client = make_client()
    assert client.post("/count", content=b"x" * 10).json() == 10
    assert client.post("/count", content=b"x" * 11).status_code == 413
    unstated = client.post("/count", content=iter([b"x" * 6, b"x" * 6]))
    assert unstated.status_code == 413
    assert code_of(client.post("/count", content=b"")) == "empty"


def make_pooled_client(**limits) -> TestClient:
    pool = WorkPool(**limits)

    async def work(_: Request) -> Response:
        async with pool.seat():
            await pool.run(time.sleep, 0.3)
        return PlainTextResponse("done")

    async def seats(_: Request) -> Response:
        return JSONResponse(pool.n_seated)

    routes = [Route("/work", work), Route("/seats", seats)]
    return TestClient(make_app(routes, ServerSettings()), base_url=HOME)


def test_work_that_takes_too_long_is_refused_but_keeps_its_seat_till_its_end():
    client = make_pooled_client(n_threads=1, max_waiting=0, max_s=0.05)
    with client:
        answer = client.get("/work")
        assert (answer.status_code, code_of(answer)) == (503, "too_long")
        assert client.get("/seats").json() == 1
        busy = client.get("/work")
        assert (busy.status_code, code_of(busy)) == (429, "busy")
        assert busy.headers["retry-after"] == "1"
        time.sleep(0.4)
        assert client.get("/seats").json() == 0
