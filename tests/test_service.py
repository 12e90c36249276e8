"""The service that predicts: what each route answers, good requests and bad ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("starlette", reason="needs the extra mfccclf[web]")

from starlette.testclient import TestClient

from mfccclf.cli.main import app as command
from mfccclf.service import ServedModels, ServiceLimits, make_service
from mfccclf.web_server import ServerSettings

HOME = "http://localhost:8000"
AUDIO = Path(__file__).resolve().parents[1] / "audio"
CLIPS = [AUDIO / "James.01.au", AUDIO / "Jennifer.01.au"]


def predicted_by_command(paths, *options) -> list[dict]:
    arguments = ["predict", *map(str, paths), "--format", "json", *options]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def make_client(**limits) -> TestClient:
    chosen = ServiceLimits(n_threads=2, **limits)
    models = ServedModels(["names"], sound_limits=chosen.sound)
    service = make_service(models, chosen, ServerSettings())
    return TestClient(service, base_url=HOME)


@pytest.fixture(scope="module")
def client():
    with make_client() as made:
        yield made


def test_a_clip_as_the_body_gets_what_the_command_line_prints(client):
    path = CLIPS[0]
    answer = client.post(
        "/v1/predict", params={"name": str(path)}, content=path.read_bytes()
    )
    assert answer.status_code == 200
    assert answer.json() == predicted_by_command([path])[0]


def test_several_clips_in_a_form_are_answered_in_order_with_errors_in_place(client):
    files = [("file", (str(path), path.read_bytes())) for path in CLIPS]
    files.insert(1, ("file", ("notes.txt", b"no sound")))
    answer = client.post("/v1/predict", files=files)
    assert answer.status_code == 200
    first, second, third = answer.json()["predictions"]
    assert [first, third] == predicted_by_command(CLIPS)
    assert second["file"] == "notes.txt"
    assert second["error"]["code"] == "unusable_sound"


def test_models_and_health(client):
    assert client.get("/healthz").json()["status"] == "ok"
    (model,) = client.get("/v1/models").json()["models"]
    assert model["name"] == "names"
    assert "James" in model["classes"]
