"""The studio's folder, and what its server answers, without a browser."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytest.importorskip("starlette", reason="needs the extra mfccclf[web]")

from cli_tools import succeed
from starlette.testclient import TestClient, WebSocketDenialResponse
from typer.testing import CliRunner

from mfccclf import Predictor, load_dataset
from mfccclf.cli.main import app as command
from mfccclf.errors import AudioFileError
from mfccclf.prediction.decisions import Limits
from mfccclf.studio import Project, Studio, StudioError, cut_at_pauses, make_studio
from mfccclf.studio.job_files import JobFiles, Order
from mfccclf.studio.journal import ChangeJournal
from mfccclf.studio.models import Models
from mfccclf.studio.names import check_label, clean_stem
from mfccclf.studio.recordings import Recordings
from mfccclf.studio.sound import KeptSound
from mfccclf.studio.taking import take
from mfccclf.studio.training_job import TrainingJob
from mfccclf.studio.training_worker import train_job

HOME = "http://127.0.0.1:8765"
RATE = 16000


def beep(frequency=440.0, seconds=0.4, seed=0):
    noise = np.random.default_rng(seed).normal(0, 0.003, round(seconds * RATE))
    time_s = np.arange(len(noise)) / RATE
    wave = 0.4 * np.sin(2 * np.pi * frequency * time_s) * np.hanning(len(noise))
    return (wave + noise).astype(np.float32)


def sound(*args, **kwargs):
    return KeptSound(beep(*args, **kwargs)[:, np.newaxis], RATE)


def spoken(n=3):
    """Some beeps with pauses between them, as 16-bit samples."""
    pause = np.random.default_rng(9).normal(0, 0.0005, round(0.6 * RATE))
    parts = [pause]
    for index in range(n):
        parts += [beep(300 + 50 * index), pause]
    return (np.concatenate(parts) * 32767).astype("<i2")


def contents(folder):
    """All files of a folder but those of the studio, with their bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".studio" not in path.parts
    }


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path / "sounds")
    yield made
    made.close()


@pytest.fixture
def filled(project):
    for label, frequency in (("low", 300), ("high", 900)):
        for index in range(3):
            made = sound(frequency + 20 * index, seed=index)
            project.add(label, f"{index}.wav", made)
    return project


# The folder.


def test_clips_are_plain_files_that_the_commands_read(filled):
    dataset = load_dataset(filled.root)
    assert dataset.layout == "folders"
    assert sorted(dataset.labels) == ["high"] * 3 + ["low"] * 3
    kept, rate = soundfile.read(filled.root / "low" / "0.wav")
    np.testing.assert_allclose(kept, beep(300), atol=1e-4)
    assert rate == RATE


def test_every_change_is_undone_to_the_byte(filled):
    before = contents(filled.root)
    trimmed = filled.trim("low/0.wav", 0.1, 0.3)
    assert soundfile.info(filled.root / trimmed).duration == pytest.approx(0.2)
    assert filled.relabel(["low/1.wav"], "high") == ["high/1-2.wav"]
    filled.delete(["high/0.wav", "high/2.wav"])
    filled.rename_label("high", "shrill")
    filled.remove_label("low")
    assert sorted(contents(filled.root)) == ["shrill/1-2.wav", "shrill/1.wav"]
    for _ in range(5):
        filled.undo()
    assert contents(filled.root) == before
    for _ in range(6):
        filled.undo()
    assert contents(filled.root) == {}
    assert filled.labels() == []
    with pytest.raises(StudioError, match="nothing to undo"):
        filled.undo()


def test_nothing_is_deleted_but_moved_to_the_bin(filled):
    gone = (filled.root / "low" / "1.wav").read_bytes()
    filled.delete(["low/1.wav"])
    (binned,) = (filled.home / "bin").rglob("1.wav")
    assert binned.read_bytes() == gone


def test_a_label_that_has_lost_its_clips_is_remembered_without_a_folder(filled):
    filled.delete([clip.id for clip in filled.clips() if clip.label == "low"])
    assert filled.labels() == ["high", "low"]
    assert not (filled.root / "low").exists()
    filled.undo()
    assert len(filled.clips()) == 6


@pytest.mark.parametrize("n_moves", [0, 1, 2])
def test_a_change_that_was_cut_off_is_finished_at_the_next_start(
    tmp_path, monkeypatch, n_moves
):
    class Killed(BaseException):
        pass

    root = tmp_path / "sounds"
    with_clips = Project(root)
    for index in range(3):
        with_clips.add("a", f"{index}.wav", sound(seed=index))
    replace, n_left = os.replace, [n_moves]

    def cut_off(source, target):
        if ".studio" not in Path(source).parts:
            if not n_left[0]:
                raise Killed
            n_left[0] -= 1
        replace(source, target)

    monkeypatch.setattr("mfccclf.studio.journal.os.replace", cut_off)
    with pytest.raises(Killed):
        with_clips.relabel(["a/0.wav", "a/1.wav", "a/2.wav"], "b")
    monkeypatch.undo()
    with_clips.close()
    again = Project(root)
    assert sorted(contents(root)) == ["b/0.wav", "b/1.wav", "b/2.wav"]
    again.undo()
    assert sorted(contents(root)) == ["a/0.wav", "a/1.wav", "a/2.wav"]
    again.close()


def test_a_folder_is_open_in_one_studio_at_a_time(project):
    with pytest.raises(StudioError, match="Another studio has .* open"):
        Project(project.root)


@pytest.mark.parametrize(
    ("label", "problem"),
    [
        ("", "is empty"),
        ("a/b", "has '/' in it"),
        ("..", "begins or ends with a dot"),
        (".x", "begins or ends with a dot"),
        ("a;b", "has ';' in it"),
        ("test", "is the name of a split"),
        ("Fold 3", "is the name of a fold"),
        ("a\nb", "cannot be printed"),
        ("x" * 61, "more than 60 letters"),
        ("__MACOSX", "is passed over"),
    ],
)
def test_labels_are_checked_as_in_data_sets(project, label, problem):
    with pytest.raises(StudioError, match=problem):
        project.add(label, "x.wav", sound())
    assert project.clips() == []


def test_names_are_plain():
    assert check_label("  caf\u0065\u0301 ") == "caf\u00e9"
    assert clean_stem("../../etc/pass#wd\n.wav") == "pass_wd"
    assert clean_stem("..") == "clip"


@pytest.mark.parametrize(
    "name", ["../x.wav", "low/../../x.wav", ".studio/token", "low", ""]
)
def test_only_clips_of_the_folder_are_reached(filled, name):
    with pytest.raises(StudioError, match="no clip"):
        filled.path(name)


def test_sound_that_cannot_be_read_leaves_nothing_behind(project, tmp_path):
    (tmp_path / "x.wav").write_text("no sound")
    with (tmp_path / "x.wav").open("rb") as file, pytest.raises(AudioFileError):
        project.add("a", "x.wav", file)
    assert project.labels() == []


def test_a_file_of_another_kind_is_kept_as_wav_and_hints_are_given(project, tmp_path):
    soundfile.write(tmp_path / "x.flac", np.stack([beep(), beep()], axis=1), RATE)
    with (tmp_path / "x.flac").open("rb") as file:
        (name,) = project.add("a", "x.flac", file, group="Anna B.")
    info = soundfile.info(project.root / name)
    assert (name, info.channels) == ("a/Anna B--x.wav", 2)
    project.add("a", "loud.wav", KeptSound(np.ones((8000, 1), np.float32), RATE))
    facts = {clip.id: clip for clip in project.clips()}
    assert facts[name].group == "Anna B"
    assert facts["a/loud.wav"].hint == "Too loud: its peaks are cut off."


def test_sound_is_cut_at_its_pauses(project):
    samples = spoken(4).astype(np.float32) / 32768
    pieces = cut_at_pauses(samples, RATE).pieces
    starts = [start / RATE for start, _ in pieces]
    np.testing.assert_allclose(starts, 0.5 + np.arange(4), atol=0.1)
    whole = KeptSound(samples[:, np.newaxis], RATE)
    assert len(project.add("a", "long.wav", whole, at_pauses=True)) == 4
    with pytest.raises(StudioError, match="louder than its noise"):
        project.add("a", "x.wav", KeptSound(np.zeros((RATE, 1)), RATE), at_pauses=True)


def test_a_folder_that_cannot_be_used_is_told_in_one_line(tmp_path):
    (tmp_path / "x").write_text("")
    result = CliRunner().invoke(command, ["studio", str(tmp_path / "x"), "--no-open"])
    assert result.exit_code == 1
    (line,) = result.stderr.strip().splitlines()
    assert line == (
        f"Error: The folder {tmp_path / 'x'} cannot be used (Not a directory). Name "
        "another."
    )


# Recordings.


def send(recordings, name, samples, *, part=5000, offset=0):
    clips = []
    while offset < len(samples):
        content = samples[offset : offset + part].tobytes()
        offset, new = recordings.append(name, offset, content)
        clips += new
    return clips


@pytest.mark.parametrize("part", [1000, 5000, 5333])
def test_hands_free_recording_gives_clips_while_it_goes_on(project, part):
    recordings = Recordings(project)
    name = recordings.begin("a", RATE, at_pauses=True).id
    assert len(send(recordings, name, spoken(3), part=part)) == 3
    assert recordings.finish(name) == []
    assert len(project.clips()) == 3
    assert min(clip.seconds for clip in project.clips()) > 0.35
    assert recordings.unfinished() == []


def test_sound_without_a_pause_is_cut_after_half_a_minute(project):
    recordings = Recordings(project)
    name = recordings.begin("a", 8000, at_pauses=True).id
    hum = (9000 * np.sin(np.arange(40 * 8000) / 5)).astype("<i2")
    (clip,) = send(recordings, name, hum, part=16000)
    assert soundfile.info(project.root / clip).duration == pytest.approx(32, abs=2)
    recordings.finish(name)
    assert sum(one.seconds for one in project.clips()) == pytest.approx(40, abs=0.5)


def test_a_recording_survives_its_server_and_parts_that_come_twice(project):
    samples = spoken(2)
    name = Recordings(project).begin("a", RATE, group="Anna").id
    send(Recordings(project), name, samples[:9000])
    root = project.root
    project.close()  # as if killed: nothing was told to end
    again = Project(root)
    recordings = Recordings(again)
    ((unfinished, seconds),) = recordings.unfinished()
    assert (unfinished.id, seconds) == (name, 9000 / RATE)
    assert recordings.append(name, 4000, samples[4000:12000].tobytes())[0] == 12000
    assert recordings.append(name, 99999, b"..")[0] == 12000
    send(recordings, name, samples, offset=12000)
    (clip,) = recordings.finish(name)
    kept, _ = soundfile.read(again.root / clip, dtype="int16")
    np.testing.assert_array_equal(kept, samples)
    assert clip.startswith("a/Anna--")
    again.close()


def test_a_piece_is_not_kept_twice_when_the_process_dies_behind_it(
    project, monkeypatch
):
    recordings = Recordings(project)
    name = recordings.begin("a", RATE, at_pauses=True).id
    samples = spoken(1)

    def die(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(recordings, "_note", die)
    with pytest.raises(KeyboardInterrupt):
        recordings.append(name, 0, samples.tobytes())
    monkeypatch.undo()
    assert len(project.clips()) == 1
    Recordings(project).finish(name)
    assert len(project.clips()) == 1


# Training.


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A project with a model, made by the worker's own function."""
    project = Project(tmp_path_factory.mktemp("trained") / "two tones")
    for label, frequency in (("low", 300), ("high", 900)):
        for index in range(4):
            made = sound(frequency + 20 * index, seed=index)
            project.add(label, f"{index}.wav", made, group=f"g{index % 2}")
    models = Models(project.home / "models", project.root)
    job = JobFiles(project.home / "training")
    TrainingJob(project, models)._take_snapshot([Path(c.id) for c in project.clips()])
    order = Order(
        number=1, preset="words", seed=3, calibrate=True, counts={}, started=0.0
    )  # fmt: skip
    train_job(job, order, models.home)
    yield project, models, job
    project.close()


def test_the_command_trains_the_same_model(trained, tmp_path):
    project, models, _ = trained
    command = models.commands(1)["train"]
    assert "'" in command  # the folder has a blank in its name
    output = tmp_path / "again.mfccclf"
    succeed(
        "train", project.root, "--layout", "folders", "--preset", "words", "--seed", 3,
        "--calibrate", "--output", output,
    )  # fmt: skip
    clips = [project.root / clip.id for clip in project.clips()]
    np.testing.assert_array_equal(
        Predictor(output).predict_proba(clips), models.find("1").predict_proba(clips)
    )


def test_held_out_clips_tell_how_good_it_is(trained):
    _, models, job = trained
    facts = models.facts(1)
    held_out = facts["held_out"]
    assert (held_out["n_folds"], held_out["is_grouped"]) == (2, True)
    assert len(held_out["clips"]) == 8
    right = sum(
        clip["label"] == facts["classes"][int(np.argmax(clip["scores"]))]
        for clip in held_out["clips"]
    )
    assert held_out["accuracy"] == right / 8
    assert all(0 < clip["familiarity"] <= 1 for clip in held_out["clips"])
    fits = [one["fit"] for one in job.events() if one["event"] == "epoch"]
    assert fits == sorted(fits)
    assert fits[-1] + 1 == job.events()[-2]["n_fits"] == 6


def test_limits_go_with_what_is_taken_away(trained, tmp_path):
    project, models, _ = trained
    models.set_limits(1, {"min_confidence": 0.25, "min_familiarity": 0.01})
    path = take(models, 1, "model", project.root, tmp_path)
    assert path.name == "two-tones.mfccclf"
    assert Predictor(path).limits == Limits(0.25, 0.01)
    assert "--min-confidence 0.25 --min-familiarity 0.01" in models.commands(1)["train"]
    clips = [project.root / clip.id for clip in project.clips()]
    np.testing.assert_array_equal(
        Predictor(path).predict_proba(clips), models.find("1").predict_proba(clips)
    )
    models.set_limits(1, {})
    with pytest.raises(ValueError, match="of the studio must be a float >= 0 and <= 1"):
        models.set_limits(1, {"min_confidence": 2})


@pytest.mark.parametrize(
    ("labels", "problem"),
    [({"a": 3}, "clips of 1 label"), ({"a": 3, "b": 1}, "b has 1 clip")],
)
def test_too_few_clips_are_told_before_training(project, labels, problem):
    for label, n in labels.items():
        for index in range(n):
            project.add(label, f"{index}.wav", sound(seed=index))
    job = TrainingJob(project, Models(project.home / "models", project.root))
    with pytest.raises(StudioError, match=problem):
        job.start("words")
    assert job.state() == {"state": "none"}


# The server.


@pytest.fixture
def studio(tmp_path):
    made = Studio(tmp_path / "sounds")
    yield made
    made.project.close()


@pytest.fixture
def client(studio):
    with TestClient(make_studio(studio, studio.settings()), base_url=HOME) as made:
        made.get("/", params={"token": studio.token})
        yield made


def act(client, path, **fields):
    answer = client.post(f"/api/{path}", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()["done"]


def wav(tmp_path, name="x.wav", **kwargs):
    soundfile.write(tmp_path / name, beep(**kwargs), RATE)
    return (tmp_path / name).read_bytes()


def test_the_address_with_its_token_lets_one_browser_in(studio):
    with TestClient(make_studio(studio, studio.settings()), base_url=HOME) as client:
        assert client.get("/api/project").status_code == 401
        assert client.get("/", params={"token": "wrong"}).status_code == 200
        assert client.get("/api/project").status_code == 401
        link = f"/?token={studio.token}"
        answer = client.get(link, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert client.get("/api/project").status_code == 200
    assert Path(studio.project.home / "token").stat().st_mode & 0o77 == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_others_do_not_reach_it(client, headers):
    answer = client.get("/api/project", headers=headers)
    assert answer.status_code in (400, 403)
    answer = client.post("/api/labels", json={"name": "a"}, headers=headers)
    assert answer.status_code in (400, 403)
    with (
        pytest.raises(WebSocketDenialResponse),
        client.websocket_connect("/api/live?rate=16000&window=1", headers=headers),
    ):
        pass
    assert client.get("/api/project").json()["labels"] == []


def test_the_page_runs_no_scripts_but_its_own(client):
    answer = client.get("/")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "onclick" not in answer.text
    for name in ("studio.js", "studio.css", "worklet.js", "train.js"):
        assert client.get(f"/{name}").status_code == 200


def test_clips_are_added_worked_on_and_undone(client, tmp_path):
    act(client, "labels", name="yes")
    query = {"label": "yes", "name": "a.wav"}
    added = client.post("/api/clips", params=query, content=wav(tmp_path)).json()
    assert added == {"done": ["yes/a.wav"]}
    assert act(client, "clips/trim", clip="yes/a.wav", start_s=0.1, end_s=0.3)
    assert act(client, "clips/relabel", clips=["yes/a.wav"], label="no") == ["no/a.wav"]
    project = client.get("/api/project").json()
    assert [(one["name"], one["n"]) for one in project["labels"]] == [
        ("no", 1),
        ("yes", 0),
    ]
    assert project["clips"][0]["seconds"] == 0.2
    assert project["undo"] == "Moved yes/a.wav to no"
    sound = client.get("/api/sound/no/a.wav")
    assert sound.headers["content-type"] == "audio/wav"
    assert act(client, "undo") == "Undone: Moved yes/a.wav to no"
    assert client.get("/api/sound/no/a.wav").status_code == 409


def test_a_clip_that_is_moved_before_it_is_sent_is_no_fault(
    client, studio, monkeypatch
):
    name = "moved.wav"
    monkeypatch.setattr(studio.project, "path", lambda _: studio.project.root / name)
    answer = client.get("/api/sound/a/moved.wav")
    assert answer.status_code == 409
    assert "has been moved" in answer.json()["error"]["reason"]


@pytest.mark.parametrize(
    ("path", "fields", "status", "reason"),
    [
        ("labels", {"name": "../x"}, 409, "has '/' in it"),
        ("labels", {"name": 3}, 422, "'name' must be a text"),
        ("labels", {}, 422, "'name' must be a text"),
        ("clips/delete", {"clips": []}, 422, "'clips' must be a list of texts"),
        ("clips/delete", {"clips": ["../../etc/passwd"]}, 409, "There is no clip"),
        ("clips/trim", {"clip": "a/b", "start_s": "x", "end_s": 1}, 422, "a number"),
        ("undo", {}, 409, "nothing to undo"),
        ("training/start", {"preset": "/etc/x.yaml", "seed": 0}, 409, "no preset"),
        ("training/start", {"preset": "words", "seed": -1}, 422, "seed"),
        ("training/resume", {}, 409, "no training"),
        ("recordings/finish", {"id": "../x"}, 409, "no recording"),
        (
            "models/7/limits",
            {"min_confidence": 0, "min_familiarity": 0},
            409,
            "model 7",
        ),
    ],
)
def test_what_is_not_done_is_refused_with_the_reason(
    client, path, fields, status, reason
):
    answer = client.post(f"/api/{path}", json=fields)
    assert answer.status_code == status
    assert reason in answer.json()["error"]["reason"]


def test_forms_of_other_sites_and_odd_bodies_are_refused(client):
    assert client.post("/api/undo", data={"a": "b"}).status_code == 415
    assert client.post("/api/undo", content="{}").status_code == 415
    headers = {"Content-Type": "application/json"}
    assert client.post("/api/undo", content="{", headers=headers).status_code == 400
    assert client.post("/api/undo", content="[]", headers=headers).status_code == 400
    large = b"0" * (2**20 + 1)
    assert client.post("/api/undo", content=large, headers=headers).status_code == 413
    form = client.post("/api/clips?label=a", files={"file": b"x"})
    assert form.status_code == 415


def test_an_upload_that_is_no_sound_leaves_nothing(client, studio):
    query = {"label": "a", "name": "notes.txt"}
    answer = client.post("/api/clips", params=query, content=b"no sound")
    assert answer.status_code == 422
    assert "notes.txt" in answer.json()["error"]["reason"]
    assert contents(studio.project.root) == {}


def test_a_recording_goes_to_the_server_part_by_part(client):
    begun = act(
        client, "recordings", label="a", sample_rate=RATE, at_pauses=True, group=""
    )
    samples = spoken(2)
    offset = 0
    while offset < len(samples):
        body = samples[offset : offset + 6000].tobytes()
        path = f"/api/recordings/{begun['id']}?offset={offset}"
        offset = client.post(path, content=body).json()["n_samples"]
    act(client, "recordings/finish", id=begun["id"])
    assert len(client.get("/api/project").json()["clips"]) == 2


def test_two_hundred_clips_of_ten_labels_stay_quick(client, studio):
    for index in range(10):
        folder = studio.project.root / f"label {index}"
        folder.mkdir()
        for number in range(20):
            soundfile.write(folder / f"{number}.wav", beep(200 + 60 * index), RATE)
    client.get("/api/project")
    started = time.process_time()
    act(client, "clips/relabel", clips=["label 3/7.wav"], label="label 4")
    project = client.get("/api/project").json()
    assert len(project["clips"]) == 200
    assert time.process_time() - started < 0.5


def test_a_damaged_history_is_named(project):
    (project.home / "history" / "000001.json").write_text("{")
    with pytest.raises(StudioError, match=r"000001\.json is damaged"):
        ChangeJournal(project.root, project.home / "history")


# A process of its own.


def wait_for(job, *states, seconds=120):
    until = time.monotonic() + seconds
    while (state := job.state())["state"] not in states:
        assert time.monotonic() < until, state
        time.sleep(0.1)
    return state


@pytest.mark.slow
def test_a_training_outlives_its_server_and_resumes_when_killed(filled):
    models = Models(filled.home / "models", filled.root)
    job = TrainingJob(filled, models)
    job.start("words")
    with pytest.raises(StudioError, match="runs already"):
        job.start("words")
    # Another server finds it at work, and clips may change meanwhile.
    other = TrainingJob(filled, models)
    until = time.monotonic() + 120
    while not other.state().get("curve") and time.monotonic() < until:
        time.sleep(0.05)
    assert other.state()["state"] == "running"
    filled.delete(["low/0.wav"])
    os.kill(job._files.pid, 9)
    assert wait_for(other, "interrupted")["share"] > 0
    other.resume()
    state = wait_for(other, "done", "failed")
    assert state["state"] == "done", state["reason"]
    filled.undo()
    facts = models.facts(1)
    assert (facts["n_clips"], facts["held_out"]["n_clips"]) == (6, 6)
    third = TrainingJob(filled, models)
    third.start("words")
    third.stop()
    assert third.state() == {"state": "none"}
    assert models.numbers() == [1]
    for one in (job, other):
        assert one.state() == {"state": "none"}
        if one._process is not None:
            one._process.wait()  # its last breath, behind the event
    assert json.dumps(models.list_all())
