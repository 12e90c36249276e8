// The last step: what is taken away.

import { Refusal } from "./server.js";
import { element, make, trying } from "./parts.js";

export class Take {
  constructor() {
    this.facts = null;
    for (const one of document.querySelectorAll("[data-take]")) {
      one.addEventListener("click", () => this.download(one));
    }
  }

  showModel(facts) {
    this.facts = facts;
    if (!facts) return;
    const { train, predict, onnx, page, serve } = facts.commands;
    element("commands").textContent = [train, predict, onnx, page, serve].join("\n");
  }

  async download(control) {
    control.disabled = true;
    element("take-note").textContent = "Making it…";
    const done = await trying(() => this.fetchFile(control.dataset.take));
    element("take-note").textContent = done ? `Downloaded ${done}.` : "";
    control.disabled = false;
  }

  async fetchFile(kind) {
    const answer = await fetch(`/api/models/${this.facts.number}/take/${kind}`);
    if (!answer.ok) {
      const { error } = await answer.json();
      throw new Refusal(answer.status, error.code, error.reason);
    }
    const header = answer.headers.get("content-disposition") ?? "";
    const name = decodeURIComponent(/filename\*=utf-8''([^;]+)/i.exec(header)?.[1] ?? /filename="([^"]+)"/.exec(header)?.[1] ?? "model");
    const link = make("a", { href: URL.createObjectURL(await answer.blob()), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    return name;
  }
}
