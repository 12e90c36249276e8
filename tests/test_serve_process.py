"""A real process of ``mfccclf serve``: sockets, signals, commands of the docs."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli_tools import succeed
from test_deploy import blocks, clip  # noqa: F401

pytest.importorskip("websockets", reason="needs the extra mfccclf[web]")

ROOT = Path(__file__).parents[1]
SERVE = [sys.executable, "-m", "mfccclf", "serve"]
pytestmark = pytest.mark.slow


@contextmanager
def serving(tmp_path, *options, **environment):
    """Yield a running service and its address."""
    log = tmp_path / "serve.log"
    with log.open("w") as errors:
        server = subprocess.Popen(
            [*SERVE, "names", "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, **environment},
        )
    try:
        yield server, server.stdout.readline().split(" at ")[1].strip()
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def events(tmp_path):
    lines = (tmp_path / "serve.log").read_text().splitlines()
    return [json.loads(line) for line in lines]


def ask(address, body=None, **headers):
    request = urllib.request.Request(address, body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_after_the_work_that_has_begun(tmp_path, number):
    body = (ROOT / "audio" / "James.01.au").read_bytes()
    with serving(tmp_path) as (server, address):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as client:
            head = f"POST /v1/predict HTTP/1.1\r\nHost: {host}\r\n"
            head += f"Content-Length: {len(body)}\r\n\r\n"
            client.sendall(head.encode() + body[:1000])
            time.sleep(0.5)
            server.send_signal(number)
            time.sleep(0.5)
            client.sendall(body[1000:])
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        assert b'"label": "James"' in answer
        assert server.wait(20) == 0
    last = events(tmp_path)
    assert [one["event"] for one in last] == ["listening", "request", "stopped"]
    assert last[1]["status"] == 200


def test_a_body_far_too_large_is_refused_and_the_client_reads_why(tmp_path):
    with serving(tmp_path, "--max-bytes", "100000") as (_, address):
        with pytest.raises(urllib.error.HTTPError) as caught:
            ask(f"{address}/v1/predict", bytes(5_000_000))
        assert caught.value.code == 413
        assert json.load(caught.value)["error"]["code"] == "too_large"
        assert ask(f"{address}/healthz")["status"] == "ok"


def test_half_requests_and_nonsense_leave_it_well(tmp_path):
    with serving(tmp_path) as (_, address):
        host, port = address.removeprefix("http://").split(":")
        head = b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\n"
        for data in (
            head + b"Content-Length: 99\r\n\r\nx",
            b"\x16\x03\x01 no HTTP at all\r\n\r\n",
            b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n",
        ):
            with socket.create_connection((host, int(port))) as client:
                client.sendall(data)
        assert ask(f"{address}/healthz")["status"] == "ok"
    assert not [one for one in events(tmp_path) if one["event"] == "fault"]
    assert "Traceback" not in (tmp_path / "serve.log").read_text()


def test_the_token_comes_from_the_environment_and_never_reaches_the_log(tmp_path):
    token = "a-token-of-16-letters"
    with serving(tmp_path, MFCCCLF_TOKEN=token) as (_, address):
        with pytest.raises(urllib.error.HTTPError, match="401"):
            ask(f"{address}/v1/models")
        assert ask(f"{address}/v1/models", Authorization=f"Bearer {token}")["models"]
    assert token not in (tmp_path / "serve.log").read_text()


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [*SERVE, "names", "--port", port]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert f"port {port}: Address already in use" in result.stderr
    assert "Traceback" not in result.stderr


def at(address, text):
    """Return a text of the docs with another address."""
    return text.replace("localhost:8000", address.removeprefix("http://"))


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_commands_of_the_docs_give_what_the_command_line_gives(clip, tmp_path):  # noqa: F811
    shutil.copy(ROOT / "audio" / "James.02.flac", "other.flac")
    (asking,) = [block for block in blocks("sh") if "curl --data-binary" in block]
    with serving(tmp_path) as (_, address):
        outputs = [
            subprocess.check_output(["bash", "-c", line], text=True, cwd=clip.parent)
            for line in at(address, asking).replace("curl", "curl -sS").splitlines()
        ]
    one, form, windows, models, health, metrics = outputs
    expected = json.loads(succeed("predict", clip, "--format", "json"))
    assert json.loads(one) == {**expected, "file": "-"}
    assert [item["file"] for item in json.loads(form)["predictions"]] == [
        "clip.wav",
        "other.flac",
    ]
    command = ["predict", clip, "--window", 1, "--hop", 0.5, "--format", "json"]
    wanted = [json.loads(line) for line in succeed(*command).splitlines()]
    found = [json.loads(line) for line in windows.splitlines()]
    assert found == [{**window, "file": "-"} for window in wanted]
    assert json.loads(models)["models"][0]["name"] == "names"
    assert json.loads(health)["status"] == "ok"
    assert "mfccclf_requests_total" in metrics


def test_the_program_of_the_docs_hears_live_sound(clip, tmp_path, capsys):  # noqa: F811
    (program,) = [block for block in blocks("python") if "websockets" in block]
    with serving(tmp_path) as (_, address):
        exec(compile(at(address, program), "deploy.md", "exec"), {})
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [start for start, _ in printed] == ["0.0", "1.0", "2.0", "3.0"]
    assert "James" in {label for _, label in printed}


def test_slow_bodies_do_not_keep_others_from_their_answers(tmp_path):
    body = (ROOT / "audio" / "James.01.au").read_bytes()
    with serving(tmp_path, "--threads", "1") as (_, address):
        host, port = address.removeprefix("http://").split(":")
        idle = [socket.create_connection((host, int(port))) for _ in range(30)]
        head = (
            b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
        )
        for client in idle:
            client.sendall(head)
        found = []
        asking = [
            threading.Thread(
                target=lambda: found.append(ask(f"{address}/v1/predict", body)["label"])
            )
            for _ in range(4)
        ]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join(20)
        for client in idle:
            client.close()
    assert found == ["James"] * 4


def test_the_requirements_are_those_of_the_package():
    text = (ROOT / "requirements-predict.txt").read_text()
    setup = (ROOT / "setup.cfg").read_text()
    for line in re.findall(r"(?m)^[a-z].*$", text):
        assert f"    {line}\n" in setup
