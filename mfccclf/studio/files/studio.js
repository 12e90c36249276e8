// The page: four steps, and what they share.

import { act, get } from "./server.js";
import { Collect } from "./collect.js";
import { element, make, tellProblem, trying } from "./parts.js";
import { Take } from "./take.js";
import { Test } from "./test.js";
import { Train } from "./train.js";

const TABS = ["collect", "train", "test", "take"];

class Studio {
  constructor() {
    this.version = null;
    this.collect = new Collect(() => this.reload());
    this.train = new Train(() => this.reload(), () => this.loadModels(null));
    this.test = new Test();
    this.take = new Take();
    TABS.forEach((name, place) => {
      const tab = element(`tab-${name}`);
      tab.addEventListener("click", () => this.open(name));
      tab.addEventListener("keydown", (event) => this.move(event, place));
    });
    element("undo").addEventListener("click", () => this.undo());
    document.addEventListener("keydown", (event) => this.press(event));
    document.addEventListener("limits-kept", () => this.loadModels(this.version));
    for (const list of document.querySelectorAll(".version")) {
      list.addEventListener("change", () => this.loadModels(Number(list.value)));
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.collect.redraw());
  }

  async start() {
    try {
      await this.train.open();
    } catch (error) {
      const text = error.status === 401
        ? "This page needs the whole address that mfccclf studio has printed. Open that."
        : error.message;
      tellProblem(text);
      return;
    }
    await this.reload();
    await this.loadModels(null);
    document.body.dataset.ready = "true";
  }

  async reload() {
    // One at a time, and the last wish counts.
    this.wanted = (this.wanted ?? 0) + 1;
    const number = this.wanted;
    const project = await get("/api/project").catch(() => null);
    if (!project || number !== this.wanted) return;
    element("folder").textContent = project.folder.split(/[/\\]/).at(-1);
    element("folder").title = project.folder;
    element("undo").disabled = project.undo === null;
    element("undo").title = project.undo ?? "";
    element("undo").setAttribute("aria-label", project.undo ? `Undo: ${project.undo}` : "Undo");
    if (project.problems.length) tellProblem(project.problems.join(" "));
    this.collect.show(project);
    this.train.show(project);
  }

  /** Show a version; null for the newest. */
  async loadModels(version) {
    const models = await trying(() => get("/api/models"));
    if (!models) return;
    const number = version ?? models[0]?.number ?? null;
    this.version = number;
    const facts = number === null ? null : await trying(() => get(`/api/models/${number}`));
    for (const list of document.querySelectorAll(".version")) {
      list.replaceChildren(...models.map((one) => make("option", { value: one.number, text: nameOf(one) })));
      if (number !== null) list.value = number;
    }
    for (const one of document.querySelectorAll(".needs-model")) one.hidden = Boolean(facts);
    for (const one of document.querySelectorAll(".with-model")) one.hidden = !facts;
    for (const part of [this.train, this.test, this.take]) part.showModel(facts);
  }

  open(name) {
    for (const one of TABS) {
      const tab = element(`tab-${one}`);
      tab.setAttribute("aria-selected", String(one === name));
      tab.tabIndex = one === name ? 0 : -1;
      element(one).hidden = one !== name;
    }
  }

  move(event, place) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const name = TABS[(place + step + TABS.length) % TABS.length];
    this.open(name);
    element(`tab-${name}`).focus();
  }

  press(event) {
    const isTyping = event.target.closest("input, select, textarea, dialog");
    if (event.key === "z" && (event.ctrlKey || event.metaKey) && !isTyping) {
      event.preventDefault();
      this.undo();
    }
  }

  async undo() {
    await trying(() => act("/api/undo"));
    await this.reload();
  }
}

function nameOf({ number, accuracy, preset }) {
  return `${number}: ${preset}${accuracy === null ? "" : `, ${(100 * accuracy).toFixed(0)} %`}`;
}

new Studio().start();
