// The second step: train, watch, and listen to the mistakes.

import { act, get, soundOf, wait } from "./server.js";
import { ask, button, element, ink, make, play, trying } from "./parts.js";

const POLL_MS = 400;

export class Train {
  constructor(reload, onModel) {
    this.reload = reload;
    this.onModel = onModel;
    this.project = null;
    this.isPolling = false;
    element("order").addEventListener("submit", (event) => this.start(event));
    element("stop").addEventListener("click", () => this.call("/api/training/stop"));
    element("resume").addEventListener("click", () => this.call("/api/training/resume"));
    element("preset").addEventListener("change", () => this.showPreset());
  }

  async open() {
    this.presets = await get("/api/presets");
    element("preset").replaceChildren(...this.presets.map(({ name }) => make("option", { text: name })));
    this.showPreset();
  }

  showPreset() {
    const chosen = this.presets.find(({ name }) => name === element("preset").value);
    element("preset-note").textContent = chosen?.description ?? "";
  }

  show(project) {
    this.project = project;
    this.showState(project.training);
    if (project.training.state === "running") this.poll();
  }

  async start(event) {
    event.preventDefault();
    const order = { preset: element("preset").value, seed: Number(element("seed").value) };
    await trying(() => act("/api/training/start", order));
    await this.reload();
  }

  async call(path) {
    await trying(() => act(path));
    await this.reload();
  }

  /** Follow a training, also across a server that is away for a while. */
  async poll() {
    if (this.isPolling) return;
    this.isPolling = true;
    for (;;) {
      await wait(POLL_MS);
      let state;
      try {
        state = await get("/api/training");
      } catch (error) {
        if (error.status) break;
        element("eta").textContent = "The studio does not answer; the training goes on.";
        continue;
      }
      this.showState(state);
      if (state.state !== "running") break;
    }
    this.isPolling = false;
    await this.reload();
    await this.onModel();
  }

  showState(state) {
    const isRunning = state.state === "running";
    element("start").disabled = isRunning;
    element("stop").hidden = !(isRunning || state.state === "interrupted");
    element("resume").hidden = state.state !== "interrupted";
    element("progress").hidden = !(isRunning || state.state === "interrupted");
    const notes = {
      failed: state.reason,
      interrupted: "The training was interrupted. Resume goes on from where it was.",
      done: `Model ${state.number} is ready.`,
    };
    element("train-note").textContent = notes[state.state] ?? "";
    element("train-note").classList.toggle("problem", state.state === "failed");
    if (element("progress").hidden) return;
    element("share").value = state.share;
    element("eta").textContent = describe(state);
    drawCurve(element("curve"), state.curve);
  }

  showModel(facts) {
    element("result").hidden = !facts;
    if (!facts) return;
    element("result-title").textContent = `Model ${facts.number}: ${facts.n_clips} clips, preset ${facts.preset}`;
    const held = facts.held_out;
    element("verdict").textContent = held
      ? `${(100 * held.accuracy).toFixed(0)} % right on clips it had not heard`
      : "Not tested: each label needs two clips or more.";
    element("verdict-note").textContent = held
      ? `Cross-validation in ${held.n_folds} folds${held.is_grouped ? ", what was recorded of one kept together" : ""}. Macro F1 ${held.macro_f1.toFixed(2)}.`
      : "";
    showConfusion(facts.classes, held?.confusion);
    this.showMistakes(facts);
  }

  showMistakes({ classes, held_out: held }) {
    const present = new Set(this.project.clips.map(({ id }) => id));
    const wrong = (held?.clips ?? [])
      .map((clip) => ({ ...clip, best: clip.scores.indexOf(Math.max(...clip.scores)) }))
      .filter(({ label, best }) => classes[best] !== label);
    const rows = wrong.map((clip) => {
      const said = `${clip.id}: ${classes[clip.best]} (${(100 * clip.scores[clip.best]).toFixed(0)} %)${clip.familiarity === null ? "" : `, familiarity ${clip.familiarity.toFixed(2)}`}`;
      const row = make("li", { "data-clip": clip.id }, make("span", { text: said }));
      if (!present.has(clip.id)) {
        row.append(make("em", { className: "faint", text: "moved since" }));
        return row;
      }
      row.append(
        button("▶ Listen", () => play(soundOf(clip.id)), { label: `Listen to ${clip.id}` }),
        button("Relabel", () => this.relabel(clip, classes[clip.best]), { label: `Relabel ${clip.id}` }),
        button("Delete", () => this.change("/api/clips/delete", { clips: [clip.id] }), { label: `Delete ${clip.id}` }),
      );
      return row;
    });
    if (!rows.length) rows.push(make("li", { className: "faint", text: held ? "None." : "Not known." }));
    element("mistakes").replaceChildren(...rows);
  }

  async relabel(clip, guess) {
    const options = this.project.labels.map(({ name }) => name);
    const label = await ask({ title: `Relabel ${clip.id}`, text: "Label", value: guess, yes: "Move", options });
    if (label) await this.change("/api/clips/relabel", { clips: [clip.id], label });
  }

  async change(path, fields) {
    await trying(() => act(path, fields));
    await this.reload();
    await this.onModel();
  }
}

function describe(state) {
  if (!state.curve.length) {
    const { clips } = state;
    return clips ? `Reading clips: ${clips.done} of ${clips.total}` : "Starting…";
  }
  const left = state.eta_s === null ? "" : `, about ${Math.ceil(state.eta_s)} s left`;
  return `Net ${Math.min(state.fit + 1, state.n_fits)} of ${state.n_fits}, epoch ${state.epoch} of ${state.max_epochs}${left}`;
}

function showConfusion(classes, confusion) {
  const table = element("confusion");
  table.hidden = !confusion;
  if (!confusion) return;
  const head = make("tr", {}, make("th", { text: "is \\ said", scope: "col" }), ...classes.map((name) => make("th", { text: name, scope: "col" })));
  table.tHead.replaceChildren(head);
  const rows = confusion.map((row, is) => make(
    "tr",
    {},
    make("th", { text: classes[is], scope: "row" }),
    ...row.map((n, said) => make("td", { text: String(n), className: cellClass(n, is === said) })),
  ));
  table.tBodies[0].replaceChildren(...rows);
}

function cellClass(n, isRight) {
  if (isRight) return "right";
  return n ? "wrong" : "none";
}

/** Loss falls, accuracy rises: both over the epochs of the present net. */
function drawCurve(canvas, curve) {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  if (!curve.length) return;
  const top = Math.max(...curve.map(({ loss }) => loss), 1e-9);
  const lines = [["loss", "--problem", (one) => one.loss / top], ["accuracy", "--accent", (one) => one.accuracy]];
  lines.forEach(([name, hue, value], index) => {
    context.strokeStyle = ink(canvas, hue);
    context.fillStyle = context.strokeStyle;
    context.lineWidth = 2;
    context.beginPath();
    curve.forEach((one, place) => {
      const x = 8 + (width - 90) * (curve.length === 1 ? 0 : place / (curve.length - 1));
      context.lineTo(x, height - 8 - value(one) * (height - 16));
    });
    context.stroke();
    context.font = "13px system-ui, sans-serif";
    context.fillText(name, width - 72, 20 + 18 * index);
  });
  const last = curve.at(-1);
  canvas.setAttribute("aria-label", `Epoch ${last.epoch}: loss ${last.loss.toFixed(3)}, accuracy ${last.accuracy.toFixed(2)}`);
}
