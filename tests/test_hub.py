"""Models on the hub: what is uploaded, and what a downloaded repository must be."""

from __future__ import annotations

import errno
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from cli_tools import fail, succeed

from mfccclf.hub import pull_model, push_model, write_repository

hub = pytest.importorskip("huggingface_hub")
constants = pytest.importorskip("huggingface_hub.constants")

MODEL = Path(__file__).parent / "formats" / "version-2.mfccclf"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """A repository as the hub's client keeps it on disk: me/mine, branch main."""
    cache = tmp_path / "cache"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    home = cache / "models--me--mine"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text(COMMIT)
    return write_repository(MODEL, home / "snapshots" / COMMIT)


def test_a_repository_holds_model_card_and_checksum(tmp_path):
    folder = write_repository(MODEL, tmp_path / "new", licence="cc-by-4.0")
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["README.md", "SHA256SUMS", "version-2.mfccclf"]
    digest = hashlib.sha256(MODEL.read_bytes()).hexdigest()
    assert (folder / "SHA256SUMS").read_text() == f"{digest}  version-2.mfccclf\n"
    _, block, card = (folder / "README.md").read_text().split("---\n", 2)
    metadata = yaml.safe_load(block)
    assert metadata["license"] == "cc-by-4.0"
    assert metadata["library_name"] == "mfccclf"
    assert metadata["pipeline_tag"] == "audio-classification"
    assert metadata["tags"] == ["audio", "mfccclf", "scratch"]
    assert card.startswith("# Model card")


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs coreutils")
def test_the_checksum_is_one_that_other_programs_read(tmp_path):
    folder = write_repository(MODEL, tmp_path)
    command = ["sha256sum", "--check", "SHA256SUMS"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def test_scores_of_the_training_clips_are_not_advertised(tmp_path):
    card = (write_repository(MODEL, tmp_path) / "README.md").read_text()
    metadata = yaml.safe_load(card.split("---\n", 2)[1])
    assert "model-index" not in metadata


def test_push_uploads_the_repository(monkeypatch):
    seen = {}

    def create_repo(self, repository, **options):
        seen["made"] = (repository, options)
        return f"https://huggingface.co/{repository}"

    def upload_folder(self, *, repo_id, folder_path, commit_message):
        seen["files"] = sorted(path.name for path in Path(folder_path).iterdir())
        seen["message"] = (repo_id, commit_message)

    monkeypatch.setattr(hub.HfApi, "create_repo", create_repo)
    monkeypatch.setattr(hub.HfApi, "upload_folder", upload_folder)
    assert (
        push_model(MODEL, "me/mine", private=True) == "https://huggingface.co/me/mine"
    )
    assert seen["made"] == ("me/mine", {"private": True, "exist_ok": True})
    assert seen["message"] == ("me/mine", "Upload version-2.mfccclf")
    assert seen["files"] == ["README.md", "SHA256SUMS", "version-2.mfccclf"]


def test_push_can_write_a_folder_alone(tmp_path):
    out = succeed("push", MODEL, "--folder", tmp_path / "up")
    assert out == f"Wrote {tmp_path / 'up'}.\n"
    assert (tmp_path / "up" / "SHA256SUMS").is_file()


def test_pull_saves_the_model_file(stored, tmp_path):
    out = succeed("pull", "me/mine", "-o", tmp_path / "got.mfccclf")
    assert (tmp_path / "got.mfccclf").read_bytes() == MODEL.read_bytes()
    assert "mfccclf describe" in out


def test_pull_takes_a_revision(stored, tmp_path):
    pulled = pull_model("me/mine", tmp_path / "got.mfccclf", revision=COMMIT)
    assert pulled.read_bytes() == MODEL.read_bytes()


def damage(folder):
    model = folder / MODEL.name
    model.write_bytes(model.read_bytes()[:-1] + b"x")


def test_forged_repositories_are_refused(stored, tmp_path):
    cases = {
        "is not what SHA256SUMS says": damage,
        "does not list": lambda folder: (folder / "SHA256SUMS").write_text(""),
        "is missing or no text": lambda folder: (folder / "SHA256SUMS").unlink(),
        "found none": lambda folder: (folder / MODEL.name).unlink(),
    }
    output = tmp_path / "got.mfccclf"
    for message, change in cases.items():
        change(stored)
        result = fail("pull", "me/mine", "-o", output, code=1, message=message)
        assert result.stderr.startswith("Error: me/mine: ")
    assert not output.exists()


def test_a_checksum_does_not_make_a_pickle_a_model(stored, tmp_path):
    model = stored / MODEL.name
    model.write_bytes(b"\x80\x04.")
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    (stored / "SHA256SUMS").write_text(f"{digest}  {model.name}\n")
    fail("pull", "me/mine", "-o", tmp_path / "got.mfccclf", code=1, message="pickle")


@pytest.mark.parametrize("name", ["me/absent", "not a name"])
def test_other_repositories_get_one_line(stored, tmp_path, name):
    output = tmp_path / "got.mfccclf"
    result = fail("pull", name, "-o", output, code=1, message=f"{name}: the hub says")
    assert len(result.stderr.strip().splitlines()) == 1
    assert not output.exists()


def test_push_needs_a_repository_or_a_folder(tmp_path):
    fail("push", MODEL, code=2, message="Give OWNER/NAME, or --folder DIR.")


def test_a_full_disk_leaves_no_part_of_a_repository(tmp_path, monkeypatch):
    def copy_half(source, target):
        Path(target).write_bytes(Path(source).read_bytes()[:100])
        raise OSError(errno.ENOSPC, "No space left on device", str(source))

    monkeypatch.setattr(shutil, "copyfile", copy_half)
    message = "Error: The output cannot be written: No space left on device."
    fail("push", MODEL, "--folder", tmp_path / "new", code=1, message=message)
    assert not list(tmp_path.rglob("*.mfccclf"))
