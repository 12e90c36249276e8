// All that the page asks of its server.

/** A request that the server has refused, with its reason. */
export class Refusal extends Error {
  constructor(status, code, reason) {
    super(reason);
    this.status = status;
    this.code = code;
  }
}

/** Ask, and return the answer's JSON; a server that is away raises TypeError. */
async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  const isJson = (answer.headers.get("content-type") ?? "").includes("json");
  const value = isJson ? await answer.json() : null;
  if (answer.ok) return value;
  const { code, reason } = value?.error ?? { code: "unknown", reason: `The server answers ${answer.status}.` };
  throw new Refusal(answer.status, code, reason);
}

export function get(path) {
  return ask(path);
}

export async function act(path, fields = {}) {
  const headers = { "Content-Type": "application/json" };
  const { done } = await ask(path, { method: "POST", headers, body: JSON.stringify(fields) });
  return done;
}

export function send(path, query, body) {
  return ask(`${path}?${new URLSearchParams(query)}`, { method: "POST", body });
}

/** Send a file and hand each line of the answer on as it comes. */
export async function sendForLines(path, query, body, onLine) {
  const answer = await fetch(`${path}?${new URLSearchParams(query)}`, { method: "POST", body });
  if (!answer.ok) {
    const { error } = await answer.json();
    throw new Refusal(answer.status, error.code, error.reason);
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    const lines = (rest + (value ?? "")).split("\n");
    rest = done ? "" : lines.pop();
    lines.filter(Boolean).forEach((line) => onLine(JSON.parse(line)));
    if (done) return;
  }
}

export function soundOf(clip, version = "") {
  return `/api/sound/${clip.split("/").map(encodeURIComponent).join("/")}?${version}`;
}

export function wait(ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}
