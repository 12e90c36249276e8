"""The page that runs a model in a browser: its files, texts and what it may load."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import onnx
import pytest
from cli_tools import fail, read_folder, succeed

from mfccclf import ExportError, export_web, make_pipeline
from mfccclf.persistence import ModelParts
from mfccclf.web_page.page import describe_page, render_page
from mfccclf.web_page.runtime import (
    RUNTIME_VERSION,
    copied_runtime,
    hash_for_browsers,
    pinned_runtime,
)

SCRIPT, WASM = b"export {};", b"\0asm"


class Reader(HTMLParser):
    """Collects the tags of a page with their attributes, and its text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)

    def find(self, tag, **wanted):
        (found,) = (
            attrs
            for name, attrs in self.tags
            if name == tag and wanted.items() <= attrs.items()
        )
        return found


@pytest.fixture
def runtime_folder(tmp_path):
    dist = tmp_path / "npm" / "package" / "dist"
    dist.mkdir(parents=True)
    (dist / "ort.wasm.bundle.min.mjs").write_bytes(SCRIPT)
    (dist / "ort-wasm-simd-threaded.wasm").write_bytes(WASM)
    return tmp_path / "npm"


@pytest.fixture(scope="module")
def names():
    return ModelParts.of("names")


def policy_of(reader):
    meta = reader.find("meta", **{"http-equiv": "Content-Security-Policy"})
    rules = (rule.split() for rule in meta["content"].split(";"))
    return {name: values for name, *values in rules}


def test_a_page_is_a_folder_of_files_with_the_graph(runtime_folder, tmp_path):
    page = export_web("names", tmp_path / "site", runtime=runtime_folder)
    assert page == tmp_path / "site" / "index.html"
    assert set(read_folder(tmp_path / "site")) == {
        "index.html",
        "model.onnx",
        "page.css",
        "page.js",
        "runtime/ort-wasm-simd-threaded.wasm",
        "runtime/ort.wasm.bundle.min.mjs",
    }
    (entry,) = onnx.load(tmp_path / "site" / "model.onnx").graph.input
    assert entry.name == "waveform"


def test_without_a_copy_the_runtime_is_pinned_by_version_and_hash(tmp_path):
    page = export_web("names", tmp_path / "site")
    assert set(read_folder(tmp_path / "site")) == {
        "index.html",
        "model.onnx",
        "page.css",
        "page.js",
    }
    reader = Reader(page.read_text())
    address = f"https://cdn.jsdelivr.net/npm/onnxruntime-web@{RUNTIME_VERSION}/dist/"
    script = reader.find("script", crossorigin="anonymous")
    assert script["src"] == f"{address}ort.wasm.bundle.min.mjs"
    assert re.fullmatch(r"sha384-[\w+/]{64}", script["integrity"])
    runtime = json.loads(reader.find("main")["data-model"])["runtime"]
    assert runtime["wasm"] == f"{address}ort-wasm-simd-threaded.wasm"
    assert re.fullmatch(r"sha384-[\w+/]{64}", runtime["integrity"])
    policy = policy_of(reader)
    assert policy["script-src"] == ["'self'", "'wasm-unsafe-eval'", script["src"]]
    assert policy["connect-src"] == ["'self'", runtime["wasm"]]


def test_a_copied_runtime_is_checked_by_its_own_hash(runtime_folder, names):
    runtime = copied_runtime(runtime_folder)
    reader = Reader(render_page("names", describe_page(names, runtime), runtime))
    script = reader.find("script", crossorigin="anonymous")
    assert script["integrity"] == hash_for_browsers(SCRIPT)
    assert json.loads(reader.find("main")["data-model"])["runtime"]["integrity"] == (
        hash_for_browsers(WASM)
    )
    policy = policy_of(reader)
    assert policy["script-src"] == ["'self'", "'wasm-unsafe-eval'"]
    assert policy["connect-src"] == ["'self'"]
    assert policy["default-src"] == ["'none'"]


def test_hashes_are_those_of_browsers():
    # From the specification of subresource integrity.
    expected = "sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO"
    assert hash_for_browsers(b"alert('Hello, world.');") == expected


def test_nothing_runs_but_files(names):
    runtime = pinned_runtime()
    reader = Reader(render_page("names", describe_page(names, runtime), runtime))
    for tag, attributes in reader.tags:
        assert not [name for name in attributes if name.startswith("on")]
        assert "style" not in attributes
        assert tag != "style"
        assert tag != "script" or "src" in attributes


def test_names_and_labels_are_escaped(names):
    hostile = ["</main><script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>"]
    runtime = pinned_runtime()
    facts = {**describe_page(names, runtime), "classes": hostile}
    html = render_page("<b>&\u202e\x1b", facts, runtime)
    reader = Reader(html)
    assert len([tag for tag, _ in reader.tags if tag == "script"]) == 2
    assert not [tag for tag, _ in reader.tags if tag in ("b", "img")]
    assert json.loads(reader.find("main")["data-model"])["classes"] == hostile
    assert "<b>&\\u202e\\x1b: recogniser" in reader.text
    assert hostile[0] in "".join(reader.text)


def test_many_labels_are_summed_up(names):
    runtime = pinned_runtime()
    facts = {**describe_page(names, runtime), "classes": [f"l{k}" for k in range(50)]}
    text = "".join(Reader(render_page("many", facts, runtime)).text)
    assert "Recognises l0, l1, " in text
    assert "l11 and 38 more." in text


def test_limits_are_told(names):
    runtime = pinned_runtime()
    facts = describe_page(names, runtime)
    told = "is not sure below a score of 0.7 or a familiarity of 0.005."
    assert told in render_page("a", facts, runtime)
    facts["limits"] = {"min_confidence": 0.0, "min_familiarity": 0.0}
    html = render_page("a", facts, runtime)
    assert "The model gives every clip the label with the highest score." in html


def test_the_window_is_what_the_model_hears(noise_clips):
    pipeline = make_pipeline("notes-pooled-blstm", max_epochs=1, hidden_sizes=(4, 4))
    pipeline.fit(noise_clips, ["quiet", "loud"] * 3)
    facts = describe_page(ModelParts.of(pipeline), pinned_runtime())
    assert facts["window_s"] == 1.0
    assert facts["shortest_window_s"] == 0.5


def test_a_rate_that_browsers_lack_is_refused(noise_clips):
    settings = {"sample_rate": 4000, "max_epochs": 1, "hidden_sizes": (4,)}
    pipeline = make_pipeline("notes-pooled-blstm", **settings, dense_sizes=(4, 4))
    pipeline.fit(noise_clips, ["quiet", "loud"] * 3)
    with pytest.raises(ExportError, match="works at 4000 Hz, but browsers give sound"):
        describe_page(ModelParts.of(pipeline), pinned_runtime())


def test_an_earlier_page_is_replaced(runtime_folder, tmp_path):
    export_web("names", tmp_path / "site", runtime=runtime_folder)
    export_web("digits", tmp_path / "site")
    assert "runtime/ort-wasm-simd-threaded.wasm" not in read_folder(tmp_path / "site")
    assert "<h1>digits</h1>" in (tmp_path / "site" / "index.html").read_text()


def test_other_files_are_never_replaced(tmp_path):
    page = export_web("names", tmp_path / "site")
    other = page.with_name("holiday.jpg")
    other.write_bytes(b"picture")
    with pytest.raises(ValueError, match="an earlier page with nothing beside it"):
        export_web("names", tmp_path / "site")
    assert other.read_bytes() == b"picture"


def test_a_folder_without_the_runtime_is_refused(tmp_path):
    message = r"does not hold ort\.wasm\.bundle\.min\.mjs.*npm pack onnxruntime-web@"
    with pytest.raises(ExportError, match=message):
        export_web("names", tmp_path / "site", runtime=tmp_path)
    assert not (tmp_path / "site").exists()


def test_the_command_says_how_to_try_the_page(runtime_folder, tmp_path):
    site = tmp_path / "site"
    output = succeed("export", "names", "--web", site, "--runtime", runtime_folder)
    assert output == (
        f"Saved {site / 'index.html'}. Try it: python -m http.server --directory "
        f"{site}\n"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "Say what to write: --onnx FILE, --web FOLDER or both."),
        (["--web", "site", "--from", "samples"], "--from goes with --onnx FILE."),
        (["--onnx", "a.onnx", "--runtime", "npm"], "--runtime goes with --web FOLDER."),
    ],
)
def test_options_that_do_not_go_together_are_refused(options, message):
    fail("export", "names", *options, code=2, message=message)
