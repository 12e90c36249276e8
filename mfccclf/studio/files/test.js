// The third step: the microphone, files and recordings, and the limits.

import { act, send, sendForLines } from "./server.js";
import { Microphone, problemOf } from "./microphone.js";
import { element, ink, make, takeFiles, tellProblem, trying } from "./parts.js";

const HOP_S = 0.25;
const TURNS = 2; // windows in a row that must agree before the label changes
const MOST_BARS = 12;
const LANE_PX = 18; // of a time line, per label

export class Test {
  constructor() {
    this.facts = null;
    this.shownFiles = [];
    element("listen").addEventListener("click", () => this.toggle());
    element("window").addEventListener("input", () => this.showWindow());
    element("window").addEventListener("change", () => this.again());
    for (const id of ["confidence", "familiarity"]) element(id).addEventListener("input", () => this.showLimits());
    element("keep-limits").addEventListener("click", () => this.keepLimits());
    takeFiles(element("test-drop"), element("test-chosen"), (files) => this.take(files));
  }

  showModel(facts) {
    if (facts?.number !== this.facts?.number && this.microphone) this.hush();
    this.facts = facts;
    if (!facts) return;
    element("confidence").value = facts.limits.min_confidence;
    element("familiarity").value = facts.limits.min_familiarity;
    this.showWindow();
    this.showLimits();
  }

  get limits() {
    return { min_confidence: Number(element("confidence").value), min_familiarity: Number(element("familiarity").value) };
  }

  /** What the model says with the limits of the sliders; null if it is not sure. */
  decide(scores, familiarity) {
    const best = Math.max(...scores);
    const { min_confidence: confidence, min_familiarity: least } = this.limits;
    const isSure = best >= confidence && (familiarity === null || familiarity >= least);
    return isSure ? this.facts.classes[scores.indexOf(best)] : null;
  }

  scoresOf(said) {
    return this.facts.classes.map((name) => said.scores[name] ?? 0);
  }

  showWindow() {
    element("window-s").value = `${Number(element("window").value).toFixed(1)} s`;
  }

  showLimits() {
    element("confidence").nextElementSibling.value = this.limits.min_confidence.toFixed(2);
    element("familiarity").nextElementSibling.value = this.limits.min_familiarity.toFixed(3);
    const clips = this.facts.held_out?.clips ?? [];
    const said = clips.map(({ scores, familiarity }) => this.decide(scores, familiarity));
    const right = clips.filter(({ label }, place) => said[place] === label).length;
    const silent = said.filter((label) => label === null).length;
    element("effect").textContent = clips.length
      ? `Of ${clips.length} held-out clips: ${right} right, ${clips.length - right - silent} wrong, ${silent} without a label.`
      : "There are no held-out clips to show the effect on.";
    for (const show of this.shownFiles) show();
  }

  async keepLimits() {
    const done = await trying(async () => {
      await act(`/api/models/${this.facts.number}/limits`, this.limits);
      return true;
    });
    if (!done) return;
    this.facts.limits = this.limits;
    element("effect").textContent += " Kept.";
    document.dispatchEvent(new CustomEvent("limits-kept"));
  }

  async toggle() {
    const control = element("listen");
    control.disabled = true;
    try {
      if (this.microphone) await this.hush();
      else await this.listen();
    } catch (error) {
      await this.hush();
      tellProblem(problemOf(error));
    }
    control.disabled = false;
  }

  async again() {
    if (!this.microphone) return;
    await this.hush();
    await this.toggle();
  }

  async listen() {
    tellProblem("");
    const waiting = [];
    let socket = null;
    const microphone = new Microphone((piece) => {
      if (socket?.readyState === WebSocket.OPEN) socket.send(piece);
      else waiting.push(piece);
    });
    this.microphone = microphone;
    await microphone.start();
    const query = new URLSearchParams({
      model: this.facts.number,
      rate: Math.round(microphone.sampleRate),
      window: element("window").value,
      hop: HOP_S,
    });
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/live?${query}`);
    this.socket = socket;
    this.steady = new SteadyLabel();
    socket.onopen = () => waiting.splice(0).forEach((piece) => socket.send(piece));
    socket.onmessage = ({ data }) => this.hear(JSON.parse(data));
    socket.onclose = () => { if (this.microphone === microphone) this.hush(); };
    element("listen").textContent = "Stop";
    this.say("Listening…", true);
  }

  async hush() {
    const { microphone, socket } = this;
    this.microphone = null;
    this.socket = null;
    element("listen").textContent = "Listen";
    await microphone?.stop();
    if (socket?.readyState === WebSocket.OPEN) socket.send("end");
    socket?.close();
  }

  hear(said) {
    if (!this.microphone) return;
    if (said.error) {
      tellProblem(said.error.reason);
      return;
    }
    const isSilent = !Object.keys(said.scores).length;
    const scores = this.scoresOf(said);
    const label = isSilent ? "silence" : this.decide(scores, said.familiarity) ?? "not sure";
    const text = this.steady.update(label);
    if (text !== null) this.say(text, !this.facts.classes.includes(text));
    element("heard-note").textContent = said.familiarity === null ? "" : `Familiarity ${said.familiarity.toFixed(2)}`;
    this.drawBars(scores);
  }

  say(text, isUnsure) {
    const heard = element("heard");
    if (heard.textContent !== text) heard.textContent = text;
    heard.classList.toggle("unsure", isUnsure);
  }

  drawBars(scores) {
    const places = scores.map((_, place) => place);
    if (places.length > MOST_BARS) places.sort((a, b) => scores[b] - scores[a]).splice(MOST_BARS);
    element("bars").replaceChildren(...places.map((place) => {
      const row = make("li", {}, make("span", { text: this.facts.classes[place] }), make("span", { text: `${(100 * scores[place]).toFixed(0)} %` }));
      row.style.setProperty("--share", scores[place]);
      return row;
    }));
  }

  async take(files) {
    for (const { file } of files) {
      if (element("as-recording").checked) await this.takeRecording(file);
      else await this.takeClip(file);
    }
  }

  async takeClip(file) {
    element("tested").hidden = false;
    const row = element("tested").tBodies[0].insertRow(0);
    const cells = Array.from({ length: 4 }, () => row.insertCell());
    cells[0].textContent = file.name;
    cells[2].className = "number";
    cells[3].className = "number";
    try {
      const said = await send("/api/predict", { model: this.facts.number, name: file.name }, file);
      const scores = this.scoresOf(said);
      const show = () => { cells[1].textContent = this.decide(scores, said.familiarity) ?? "not sure"; };
      this.shownFiles.push(show);
      show();
      cells[2].textContent = Math.max(...scores).toFixed(2);
      cells[3].textContent = said.familiarity === null ? "" : said.familiarity.toFixed(2);
    } catch (error) {
      cells[1].textContent = error.message;
      cells[1].className = "problem";
    }
    row.dataset.done = "true";
  }

  async takeRecording(file) {
    const { classes } = this.facts;
    const height = LANE_PX * classes.length;
    const canvas = make("canvas", { width: 1000, height, role: "img", "aria-label": `Time line of ${file.name}` });
    canvas.style.height = `${height}px`;
    const names = make("div", { className: "names", "aria-hidden": "true" }, ...classes.map((name) => make("span", { text: name })));
    const lanes = make("div", { className: "lanes" }, names, canvas);
    const note = make("p", { className: "faint", role: "status", text: "Listening…" });
    const list = make("ol", { "aria-label": `Parts of ${file.name}`, tabindex: "0" });
    const box = make("div", { className: "timeline" }, make("strong", { text: file.name }), note, lanes, list);
    element("timelines").prepend(box);
    const windows = [];
    const show = () => this.drawLine(canvas, list, windows);
    this.shownFiles.push(show);
    const length = Number(element("window").value);
    try {
      await sendForLines("/api/windows", { model: this.facts.number, window: length, hop: length / 2, name: file.name }, file, (line) => {
        if (line.error) throw new Error(line.error.reason);
        windows.push(line);
        note.textContent = `${line.end_s.toFixed(1)} s`;
      });
      note.textContent = `${windows.at(-1)?.end_s.toFixed(1) ?? 0} s in ${windows.length} windows`;
    } catch (error) {
      note.textContent = error.message;
      note.className = "problem";
    }
    show();
    box.dataset.done = "true";
  }

  /** One row of colour per label, and the same as a list. */
  drawLine(canvas, list, windows) {
    const context = canvas.getContext("2d");
    const { width, height } = canvas;
    const { classes } = this.facts;
    const end = windows.at(-1)?.end_s ?? 1;
    const step = height / classes.length;
    context.clearRect(0, 0, width, height);
    const [bright, dim] = [ink(canvas, "--accent"), ink(canvas, "--line")];
    context.fillStyle = dim;
    classes.forEach((_, place) => context.fillRect(0, (place + 1) * step - 1, width, 1));
    context.fillStyle = bright;
    const parts = [];
    for (const said of windows) {
      const label = Object.keys(said.scores).length ? this.decide(this.scoresOf(said), said.familiarity) : null;
      if (label !== null) {
        const [x, to] = [said.start_s, said.end_s].map((time) => width * time / end);
        context.fillRect(x, classes.indexOf(label) * step, to - x, Math.max(2, step - 2));
      }
      const last = parts.at(-1);
      if (label !== null && last?.label === label && last.to >= said.start_s - 1e-6) last.to = said.end_s;
      else if (label !== null) parts.push({ label, from: said.start_s, to: said.end_s });
    }
    list.replaceChildren(...parts.map(({ label, from, to }) => make("li", { text: `${from.toFixed(1)} to ${to.toFixed(1)} s: ${label}` })));
  }
}

/** Changes its answer only when some windows in a row agree on another one. */
class SteadyLabel {
  constructor() {
    this.shown = null;
    this.next = null;
    this.turns = 0;
  }

  update(text) {
    this.turns = text === this.next ? this.turns + 1 : 1;
    this.next = text;
    if (this.turns >= TURNS) this.shown = text;
    return this.shown;
  }
}
