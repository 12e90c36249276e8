"""The service that predicts: what each route answers, good requests and bad ones."""

from __future__ import annotations

import io
import json
import re
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("starlette", reason="needs the extra mfccclf[web]")

import soundfile
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from mfccclf.cli.main import app as command
from mfccclf.service import OPEN_PATHS, ServedModels, ServiceLimits, make_service
from mfccclf.web_server import ServerSettings

HOME, LIVE = "http://localhost:8000", "ws://localhost:8000/v1/live"
AUDIO = Path(__file__).resolve().parents[1] / "audio"
CLIPS = [AUDIO / "James.01.au", AUDIO / "Jennifer.01.au"]
CLIP = CLIPS[0].read_bytes()
TOKEN = "a-token-of-16-letters"


def predicted_by_command(paths, *options) -> list[dict]:
    arguments = ["predict", *map(str, paths), "--format", "json", *options]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def make_client(token: str | None = None, **limits) -> TestClient:
    chosen = ServiceLimits(**{"n_threads": 2, **limits})
    models = ServedModels(["names"], sound_limits=chosen.sound)
    settings = ServerSettings(token=token, open_paths=OPEN_PATHS)
    return TestClient(make_service(models, chosen, settings), base_url=HOME)


@pytest.fixture(scope="module")
def client():
    with make_client() as made:
        yield made


@pytest.fixture(scope="module")
def small_client():
    """Return a client of a service that takes on little."""
    limits = {
        "max_bytes": 200_000,
        "max_recording_bytes": 200_000,
        "max_seconds": 5,
        "max_recording_seconds": 5,
        "max_channels": 2,
        "max_sample_rate": 48_000,
        "max_files": 2,
        "max_live": 1,
    }
    with make_client(**limits) as made:
        yield made


def tone(seconds: float = 1.0, rate: int = 16000, channels: int = 1) -> np.ndarray:
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)
    return np.repeat(wave[:, np.newaxis], channels, axis=1).astype(np.float32)


def wav(*args, subtype: str = "PCM_16", wave: np.ndarray | None = None, **kwargs):
    file = io.BytesIO()
    wave = tone(*args, **kwargs) if wave is None else wave
    rate = kwargs.get("rate", 16000)
    soundfile.write(file, wave, rate, format="WAV", subtype=subtype)
    return file.getvalue()


def check_refusal(answer, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == code
    assert error["reason"].endswith(".")
    assert "Traceback" not in answer.text
    assert "\n" not in error["reason"]


def refused_socket(client, address: str):
    """Return the answer to a WebSocket that is refused."""
    with (
        pytest.raises(WebSocketDenialResponse) as caught,
        client.websocket_connect(address),
    ):
        pass
    return caught.value


# Clips.


def test_a_clip_as_the_body_gets_what_the_command_line_prints(client):
    path = CLIPS[0]
    answer = client.post("/v1/predict", params={"name": str(path)}, content=CLIP)
    assert answer.status_code == 200
    assert answer.json() == predicted_by_command([path])[0]


def test_several_clips_in_a_form_are_answered_in_order_with_errors_in_place(client):
    files = [("file", (str(path), path.read_bytes())) for path in CLIPS]
    files.insert(1, ("file", ("notes.txt", b"no sound")))
    answer = client.post("/v1/predict", files=files, params={"top": 2})
    assert answer.status_code == 200
    first, second, third = answer.json()["predictions"]
    expected = predicted_by_command(CLIPS, "--top", "2")
    assert [first["label"], third["label"]] == [one["label"] for one in expected]
    assert len(first["scores"]) == 2
    assert first["scores"] == pytest.approx(expected[0]["scores"], abs=1e-6)
    assert second["file"] == "notes.txt"
    assert second["error"]["code"] == "unusable_sound"


def test_a_form_without_a_usable_clip_is_refused(client):
    answer = client.post("/v1/predict", files={"file": ("a", b"no sound")})
    assert answer.status_code == 422
    assert answer.json()["predictions"][0]["error"]["code"] == "unusable_sound"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "s3://bucket/a.wav", "a.zip::b.wav"]
)
def test_the_name_of_an_upload_is_never_a_path(client, name):
    for answer in (
        client.post("/v1/predict", params={"name": name}, content=CLIP).json(),
        client.post("/v1/predict", files={"file": (name, CLIP)}).json()["predictions"][
            0
        ],
    ):
        assert answer["file"] == name
        assert answer["label"] == "James"


def test_names_of_uploads_are_inert_and_short(client):
    name = "a\n\x1b[31m" + "b" * 1000
    answer = client.post("/v1/predict", params={"name": name}, content=CLIP).json()
    assert answer["file"].startswith("a\\n\\x1b[31mb")
    assert len(answer["file"]) == 255


BAD_SOUND = {
    "text": b"this is no sound at all, but a text",
    "cut off": CLIP[:20],
    "zeros": bytes(1000),
    "silence": wav(wave=np.zeros((16000, 1), np.float32)),
    "too short": wav(0.005),
    "not finite": wav(wave=np.full((16000, 1), np.nan, np.float32), subtype="FLOAT"),
    "zip": b"PK\x03\x04" + bytes(100),
    "playlist": b"#EXTM3U\nfile:///etc/passwd\n",
    "too long": wav(6.0),
    "too many channels": wav(channels=3),
    "too high a rate": wav(rate=96_000),
    "absurd rate": CLIP[:16] + b"\xff\xff\xff\xff" + CLIP[20:2000],
}


# Windows of silence are told as such, and long recordings are what windows are for.
FINE_AS_WINDOWS = ("silence", "too long")


@pytest.mark.parametrize(
    ("route", "kind"),
    [
        *(("/v1/predict", kind) for kind in BAD_SOUND),
        *(
            ("/v1/windows?window=1", kind)
            for kind in BAD_SOUND
            if kind not in FINE_AS_WINDOWS
        ),
    ],
)
def test_sound_that_cannot_be_used_is_refused_with_the_reason(
    small_client, route, kind
):
    answer = small_client.post(route, content=BAD_SOUND[kind])
    check_refusal(answer, 422, "unusable_sound")


@pytest.mark.parametrize("route", ["/v1/predict", "/v1/windows?window=1"])
def test_bodies_that_are_empty_or_too_large_are_refused(small_client, route):
    check_refusal(small_client.post(route, content=b""), 422, "empty")
    large = bytes(200_001)
    check_refusal(small_client.post(route, content=large), 413, "too_large")
    unstated = small_client.post(route, content=iter([large[:99_999], large]))
    check_refusal(unstated, 413, "too_large")
    check_refusal(small_client.get(route), 405, "method_not_allowed")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("model=nix", 404, "unknown_model"),
        ("model=../../etc/passwd", 404, "unknown_model"),
        ("model=names&model=names", 422, "bad_parameter"),
        ("top=0", 422, "bad_parameter"),
        ("top=-1", 422, "bad_parameter"),
        ("top=x", 422, "bad_parameter"),
        ("top=\u0664", 422, "bad_parameter"),
        ("top=99999999999999999999", 422, "bad_parameter"),
        ("nix=1", 422, "bad_parameter"),
        ("window=0", 422, "bad_parameter"),
        ("window=nan", 422, "bad_parameter"),
        ("window=1e9", 422, "bad_parameter"),
        ("window=0.001", 422, "bad_parameter"),
        ("window=1&hop=1e-9", 422, "bad_parameter"),
        ("window=1&hop=inf", 422, "bad_parameter"),
        ("", 422, "bad_parameter"),
        ("%ff%00=%ff", 422, "bad_parameter"),
    ],
)
def test_bad_parameters_are_refused_on_every_route(client, query, status, code):
    if query:
        known = query if "window" not in query else "window=1"
        answer = client.post(f"/v1/predict?{known}", content=CLIP)
        is_of_windows = "window" in query
        check_refusal(answer, 422 if is_of_windows else status, code)
    with_window = query if "window" in query or not query else f"{query}&window=1"
    answer = client.post(f"/v1/windows?{with_window}", content=CLIP)
    check_refusal(answer, status, code)
    refused = refused_socket(client, f"{LIVE}?{with_window}&rate=16000")
    check_refusal(refused, status, code)


FORM = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("multipart/form-data", b"--x", 400),
        (FORM, b"no boundary", 400),
        (FORM, b"--x\r\nbad header\r\n\r\n", 400),
        (FORM, b"--x--\r\n", 422),
        (
            FORM,
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--',
            422,
        ),
        (FORM, b"--x\r\nContent-Type: audio/wav\r\n\r\nabc\r\n--x--\r\n", 400),
        (FORM, b"--x\r\nContent-Disposition: \xff\xfe; name\r\n\r\nabc\r\n--x--", 422),
    ],
)
def test_damaged_forms_are_refused(client, kind, body, status):
    answer = client.post("/v1/predict", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["reason"]


def test_too_many_files_in_a_form_are_refused(small_client):
    files = [("file", (str(index), b"x")) for index in range(3)]
    check_refusal(small_client.post("/v1/predict", files=files), 400, "bad_request")


def test_a_form_with_a_recording_is_refused(client):
    answer = client.post("/v1/windows?window=1", files={"file": ("a", CLIP)})
    check_refusal(answer, 415, "bad_kind")


# Windows.


def lines_of(answer) -> list[dict]:
    return [json.loads(line) for line in answer.text.splitlines()]


def test_windows_are_those_of_the_command_line(client):
    path = CLIPS[0]
    answer = client.post(
        "/v1/windows",
        params={"window": 1, "hop": 0.5, "name": str(path)},
        content=CLIP,
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    expected = predicted_by_command([path], "--window", "1", "--hop", "0.5")
    assert lines_of(answer) == expected
    assert len(expected) > 3


def test_a_recording_that_is_too_long_ends_with_an_error(small_client):
    answer = small_client.post("/v1/windows?window=1", content=wav(6.0))
    *good, last = lines_of(answer)
    assert len(good) == 5
    assert last["error"]["code"] == "too_long"


# Live sound.


def samples() -> bytes:
    waveform, _ = soundfile.read(io.BytesIO(CLIP), dtype="int16")
    return waveform.tobytes()


def test_live_sound_gets_the_windows_of_a_file_with_these_samples(client, tmp_path):
    data, path = samples(), tmp_path / "samples.raw"
    path.write_bytes(data)
    with client.websocket_connect(f"{LIVE}?window=1&rate=48000&channels=2") as socket:
        for start in range(0, len(data), 19_200):
            socket.send_bytes(data[start : start + 19_200])
        first = socket.receive_json()
        socket.send_text("end")
        rest = receive_all(socket)
    expected = predicted_by_command([path], "--window", "1", "--raw", "48000:s16le:2")
    assert len(expected) == 4
    for found, wanted in zip([first, *rest], expected, strict=True):
        assert found["label"] == wanted["label"]
        assert found["end_s"] == wanted["end_s"]
        assert found["scores"] == pytest.approx(wanted["scores"], abs=1e-5)


def receive_all(socket) -> list[dict]:
    received = []
    try:
        while True:
            received.append(socket.receive_json())
    except WebSocketDisconnect:
        return received


def test_bad_messages_of_live_sound_end_it_with_a_reason(small_client):
    address = f"{LIVE}?window=1&rate=16000"
    ends = {"bad_message": "hello", "too_long": bytes(6 * 32_000)}
    for code, message in ends.items():
        with small_client.websocket_connect(address) as socket:
            send = socket.send_text if isinstance(message, str) else socket.send_bytes
            send(message)
            assert receive_all(socket)[-1]["error"]["code"] == code
    with small_client.websocket_connect(address) as socket:
        socket.send_bytes(bytes(50))
        socket.send_text("end")
        assert receive_all(socket)[-1]["error"]["code"] == "unusable_sound"


def test_live_sound_that_stops_coming_ends():
    with (
        make_client(upload_s=0.1) as client,
        client.websocket_connect(f"{LIVE}?window=1&rate=16000") as socket,
    ):
        assert receive_all(socket)[-1]["error"]["code"] == "too_slow"


@pytest.mark.parametrize(
    "query",
    ["", "&rate=1", "&rate=96000", "&rate=16000&channels=3", "&rate=16000&format=mp3"],
)
def test_live_sound_in_a_bad_format_is_refused(small_client, query):
    refused = refused_socket(small_client, f"{LIVE}?window=1{query}")
    check_refusal(refused, 422, "bad_parameter")


def test_no_more_clients_than_allowed_send_live_sound(small_client):
    address = f"{LIVE}?window=1&rate=16000"
    with small_client.websocket_connect(address):
        check_refusal(refused_socket(small_client, address), 429, "busy")
    deadline = time.monotonic() + 5
    while "mfccclf_live 1.0" in small_client.get("/metrics").text:
        assert time.monotonic() < deadline


# Everything else.


def test_models_and_health(client):
    assert client.get("/healthz").json()["status"] == "ok"
    (model,) = client.get("/v1/models").json()["models"]
    assert model["name"] == "names"
    assert "James" in model["classes"]


def test_a_model_file_is_served_by_its_name_without_its_folder(tmp_path):
    copy = tmp_path / "mine.mfccclf"
    copy.write_bytes((AUDIO.parent / "weights" / "names.mfccclf").read_bytes())
    models = ServedModels([copy, "names"])
    assert models.names == ["mine", "names"]
    service = make_service(models, ServiceLimits(), ServerSettings())
    with TestClient(service, base_url=HOME) as client:
        answer = client.post("/v1/predict", content=CLIP)
        assert answer.json()["model"] == "mine"
        everything = client.get("/v1/models").text + answer.text
        assert str(tmp_path) not in everything
    with pytest.raises(ValueError, match="Two models are called 'mine'"):
        ServedModels([copy, copy])


def test_metrics_count_requests_by_address_and_status(client):
    client.post("/v1/predict", content=b"no sound")
    client.get("/made/up/by/a/stranger")
    text = client.get("/metrics").text
    assert 'mfccclf_requests_total{path="/v1/predict",status="422"}' in text
    assert 'path="other",status="404"' in text
    assert "stranger" not in text
    assert "mfccclf_requests_seated 0.0" in text


def test_a_token_guards_all_but_the_description():
    with make_client(token=TOKEN) as client:
        for path in ("/v1/models", "/metrics"):
            check_refusal(client.get(path), 401, "no_token")
        check_refusal(client.post("/v1/predict", content=CLIP), 401, "no_token")
        for path in OPEN_PATHS:
            assert client.get(path).status_code == 200
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert client.get("/v1/models", headers=headers).status_code == 200


def test_the_document_names_every_route_and_the_limits(small_client):
    document = small_client.get("/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    for path, methods in document["paths"].items():
        if path != "/v1/live":
            for method in methods:
                answer = small_client.request(method, path)
                assert answer.status_code not in (404, 405)
    assert "200,000" in document["paths"]["/v1/predict"]["post"]["description"]
    expected = {"/v1/predict", "/v1/windows", "/v1/live", "/v1/models"}
    assert set(document["paths"]) == expected | {"/healthz", "/metrics"}


def test_the_page_needs_no_other_server_and_no_inline_script(client):
    answer = client.get("/")
    assert "'unsafe" not in answer.headers["content-security-policy"]
    assert re.findall(r"<script(?! src=\"/page.js\" defer>)", answer.text) == []
    assert re.findall(r"(?:src|href)=\"(?!/)", answer.text) == []
    assert " style=" not in answer.text
    for path in ("/page.css", "/page.js"):
        assert f'"{path}"' in answer.text
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "limits",
    [{"max_bytes": 0}, {"timeout_s": -1}, {"n_threads": 0}, {"max_seconds": np.inf}],
)
def test_limits_must_be_sensible(limits):
    with pytest.raises(ValueError, match=f"'{next(iter(limits))}' parameter"):
        ServiceLimits(**limits)


def test_many_requests_at_a_time_get_the_answers_of_one():
    from concurrent.futures import ThreadPoolExecutor

    expected = [one["scores"] for one in predicted_by_command(CLIPS)]
    with make_client(max_waiting=8) as client, ThreadPoolExecutor(4) as threads:

        def ask(index: int) -> dict:
            body = CLIPS[index % 2].read_bytes()
            return client.post("/v1/predict", content=body).json()["scores"]

        found = list(threads.map(ask, range(8)))
    for index, scores in enumerate(found):
        assert scores == pytest.approx(expected[index % 2], abs=1e-6)


@pytest.mark.filterwarnings("ignore::mfccclf.errors.AudioFileWarning")
def test_a_clip_that_was_cut_off_is_predicted_as_by_the_command_line(client, tmp_path):
    path = tmp_path / "cut.au"
    path.write_bytes(CLIP[: len(CLIP) // 2])
    with warnings.catch_warnings():
        expected = predicted_by_command([path])[0]
    answer = client.post(
        "/v1/predict", params={"name": str(path)}, content=path.read_bytes()
    )
    assert answer.json() == expected
