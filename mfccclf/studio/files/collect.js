// The first step: labels, recordings and clips.

import { act, send, soundOf } from "./server.js";
import { problemOf } from "./microphone.js";
import { ask, button, drawOutline, element, make, play, takeFiles, tellProblem, trying } from "./parts.js";
import { Recorder } from "./recorder.js";
import { openTrimmer } from "./trim.js";

const SHOWN_PROBLEMS = 5;

export class Collect {
  constructor(reload) {
    this.reload = reload;
    this.label = null;
    this.rows = new Map();
    this.project = { labels: [], clips: [], unfinished: [] };
    element("new-label").addEventListener("submit", (event) => this.addLabel(event));
    element("rename").addEventListener("click", () => this.rename());
    element("remove").addEventListener("click", () => this.remove());
    element("record").addEventListener("click", () => this.toggle());
    takeFiles(element("drop"), element("chosen"), (files) => this.take(files));
    document.addEventListener("keydown", (event) => this.press(event));
  }

  show(project) {
    this.project = project;
    const names = project.labels.map(({ name }) => name);
    if (!names.includes(this.label)) this.label = names[0] ?? null;
    this.showLabels();
    this.showUnfinished();
    this.showClips();
    element("recorder").hidden = this.label === null;
    element("label-tools").hidden = this.label === null;
    element("current").textContent = this.label ?? "Clips";
  }

  choose(label) {
    this.label = label;
    this.show(this.project);
  }

  showLabels() {
    const rows = this.project.labels.map(({ name, n, hint }) => {
      const text = make("span", { className: "name", text: name });
      const count = make("span", { className: "count", text: `${n} clip${n === 1 ? "" : "s"}` });
      if (hint) count.append(make("span", { className: "hint", text: hint }));
      const made = make("button", { type: "button", "aria-current": String(name === this.label) }, text, count);
      made.addEventListener("click", () => this.choose(name));
      return make("li", {}, made);
    });
    const focused = document.activeElement?.closest("#labels button")?.querySelector(".name")?.textContent;
    element("labels").replaceChildren(...rows);
    const again = this.project.labels.findIndex(({ name }) => name === focused);
    if (again >= 0) element("labels").querySelectorAll("button")[again].focus();
  }

  showUnfinished() {
    const own = this.recorder?.id;
    const left = this.project.unfinished.filter(({ id }) => id !== own);
    element("unfinished").replaceChildren(...left.map((one) => make(
      "div",
      { className: "row unfinished" },
      make("span", { text: `A recording of ${one.label} was not finished (${one.seconds.toFixed(1)} s).` }),
      button("Keep it", () => this.change("/api/recordings/finish", { id: one.id })),
      button("To the bin", () => this.change("/api/recordings/discard", { id: one.id })),
    )));
  }

  showClips() {
    const clips = this.project.clips.filter(({ label }) => label === this.label);
    const rows = new Map();
    for (const clip of clips) {
      const key = `${clip.id} ${clip.version}`;
      rows.set(key, this.rows.get(key) ?? this.makeRow(clip));
    }
    this.rows = rows;
    const list = element("clips");
    const wanted = Array.from(rows.values());
    const same = list.children.length === wanted.length && wanted.every((row, place) => list.children[place] === row);
    if (!same) list.replaceChildren(...wanted);
    const empty = this.label === null ? "Add a label: what you want to tell apart, such as a word." : "No clips yet.";
    element("no-clips").textContent = clips.length ? "" : empty;
  }

  makeRow(clip) {
    const name = clip.id.slice(clip.label.length + 1);
    const canvas = make("canvas", { width: 300, height: 40, "aria-hidden": "true" });
    const about = `${clip.seconds.toFixed(2)} s · ${name}${clip.hint ? ` · ${clip.hint}` : ""}`;
    const row = make(
      "li",
      { className: "clip", "data-clip": clip.id },
      button("▶", () => play(soundOf(clip.id, clip.version)), { label: `Play ${name}` }),
      canvas,
      make("span", { className: "about", text: about }),
      make(
        "div",
        { className: "tools" },
        button("Trim", () => this.trim(clip), { label: `Trim ${name}` }),
        button("Relabel", () => this.relabel(clip), { label: `Relabel ${name}` }),
        button("Delete", () => this.change("/api/clips/delete", { clips: [clip.id] }), { label: `Delete ${name}` }),
      ),
    );
    requestAnimationFrame(() => drawOutline(canvas, clip.outline.map((value) => value / 100)));
    return row;
  }

  redraw() {
    this.rows = new Map();
    this.showClips();
  }

  async change(path, fields) {
    const done = await trying(() => act(path, fields));
    await this.reload();
    return done;
  }

  async addLabel(event) {
    event.preventDefault();
    const input = element("new-label-name");
    const label = await this.change("/api/labels", { name: input.value });
    if (label === null) return;
    input.value = "";
    this.choose(label);
  }

  async rename() {
    const name = await ask({ title: `Rename ${this.label}`, text: "New name", value: this.label, yes: "Rename" });
    if (!name) return;
    const done = await trying(() => act("/api/labels/rename", { label: this.label, name }));
    if (done) this.label = done;
    await this.reload();
  }

  async remove() {
    const n = this.project.clips.filter(({ label }) => label === this.label).length;
    const sure = await ask({ title: `Remove ${this.label}? Its ${n} clips go to the bin; Undo brings them back.`, yes: "Remove" });
    if (sure !== null) await this.change("/api/labels/remove", { label: this.label });
  }

  async relabel(clip) {
    const options = this.project.labels.map(({ name }) => name);
    const label = await ask({ title: `Relabel ${clip.id}`, text: "Label", value: "", yes: "Move", options });
    if (label) await this.change("/api/clips/relabel", { clips: [clip.id], label });
  }

  async trim(clip) {
    const part = await openTrimmer(clip);
    if (part) await this.change("/api/clips/trim", { clip: clip.id, start_s: part.from, end_s: part.to });
  }

  async take(files) {
    let n = 0;
    const problems = [];
    for (const { file, folder } of files) {
      n += 1;
      element("record-note").textContent = `Adding ${n} of ${files.length}…`;
      const query = {
        label: folder || this.label,
        name: file.name,
        group: element("group").value,
        at_pauses: String(element("cut-files").checked),
      };
      try {
        await send("/api/clips", query, file);
      } catch (error) {
        problems.push(error.message);
      }
    }
    element("record-note").textContent = `${n - problems.length} of ${n} files added.`;
    const more = problems.length > SHOWN_PROBLEMS ? [`And ${problems.length - SHOWN_PROBLEMS} more.`] : [];
    tellProblem([...problems.slice(0, SHOWN_PROBLEMS), ...more].join(" "));
    await this.reload();
  }

  async toggle() {
    const control = element("record");
    control.disabled = true;
    try {
      if (this.recorder) await this.end();
      else await this.begin();
    } catch (error) {
      this.recorder = null;
      tellProblem(error.status ? error.message : problemOf(error));
    }
    control.disabled = false;
    this.showRecording();
  }

  async begin() {
    tellProblem("");
    const recorder = new Recorder((news) => this.hear(news));
    await recorder.start(this.label, element("at-pauses").checked, element("group").value);
    this.recorder = recorder;
    element("record-note").textContent = "";
  }

  async end() {
    const { recorder } = this;
    element("record-text").textContent = "Keeping…";
    await recorder.stop();
    this.recorder = null;
    await this.reload();
  }

  showRecording() {
    const isOn = Boolean(this.recorder);
    element("record").setAttribute("aria-pressed", String(isOn));
    element("record-text").textContent = isOn ? "Stop" : "Record";
    element("level").value = 0;
  }

  hear({ clips, level, note }) {
    if (level !== undefined) element("level").value = Math.sqrt(level);
    if (note !== undefined) element("record-note").textContent = note;
    if (clips?.length) this.reload();
  }

  press(event) {
    const isTyping = event.target.closest("input, select, textarea, dialog, button, pre");
    if (element("collect").hidden || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "r" && this.label !== null) this.toggle();
  }
}
