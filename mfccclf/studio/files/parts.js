// Small things that all parts of the page share.

export function element(id) {
  return document.getElementById(id);
}

/** Make an element; the text is text, whatever it holds. */
export function make(name, { text = "", className = "", ...attributes } = {}, ...children) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export function button(text, onClick, { label = "", className = "quiet small" } = {}) {
  const made = make("button", { text, className, type: "button" });
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", onClick);
  return made;
}

export function tellProblem(text) {
  element("banner").textContent = text;
  element("banner").hidden = !text;
}

/** Do something that may be refused; the reason is shown, and null returned. */
export async function trying(what) {
  try {
    tellProblem("");
    return await what();
  } catch (error) {
    const isAway = error instanceof TypeError;
    tellProblem(isAway ? "The studio does not answer. Start it again: mfccclf studio." : error.message);
    if (isAway) console.info(error.message);
    return null;
  }
}

/** Ask for a text, or for yes and no where there is none; null if it is cancelled. */
export function ask({ title, text, value, yes = "OK", options = [] }) {
  const dialog = element("asker");
  element("ask-title").textContent = title;
  element("ask-text").textContent = text ?? "";
  element("ask-label").hidden = value === undefined;
  element("ask-value").value = value ?? "";
  element("ask-yes").textContent = yes;
  element("known-labels").replaceChildren(...options.map((one) => make("option", { value: one })));
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    element("ask-no").onclick = () => dialog.close("");
    dialog.onclose = () => resolve(dialog.returnValue === "yes" ? element("ask-value").value : null);
  });
}

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || "#888";
}

/** The element's own colours, for canvases: light-dark() is resolved by the browser. */
export function ink(canvas, name) {
  canvas.style.color = `var(${name})`;
  return getComputedStyle(canvas).color;
}

/** Draw loudness, from 0 to 1 per part, as bars around the middle. */
export function drawOutline(canvas, shape, { from = 0, to = 1 } = {}) {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  const [bright, dim] = [ink(canvas, "--accent"), ink(canvas, "--line")];
  context.clearRect(0, 0, width, height);
  const step = width / shape.length;
  shape.forEach((value, index) => {
    const place = (index + 0.5) / shape.length;
    const size = Math.max(1, value * height * 0.95);
    context.fillStyle = place >= from && place <= to ? bright : dim;
    context.fillRect(index * step, (height - size) / 2, Math.max(1, step * 0.7), size);
  });
}

const player = new Audio();

export function play(address, from = 0, to = Infinity) {
  player.pause();
  player.src = address;
  player.ontimeupdate = () => { if (player.currentTime >= to) player.pause(); };
  player.onloadedmetadata = () => { player.currentTime = from; };
  return player.play().catch((error) => {
    // Another clip was played before this one began: nothing is wrong.
    if (error.name !== "AbortError") tellProblem("The clip cannot be played. It may have been moved.");
  });
}

/** Take what is dropped on an area or chosen in its input; folders are walked. */
export function takeFiles(area, input, onFiles) {
  const over = (isOver) => (event) => {
    event.preventDefault();
    area.classList.toggle("over", isOver);
  };
  area.addEventListener("dragover", over(true));
  area.addEventListener("dragleave", over(false));
  area.addEventListener("drop", async (event) => {
    over(false)(event);
    onFiles(await filesOf(event.dataTransfer));
  });
  input.addEventListener("click", () => { input.value = ""; });
  input.addEventListener("change", () => onFiles(Array.from(input.files, (file) => ({ file, folder: "" }))));
}

async function filesOf(transfer) {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return Array.from(transfer.files, (file) => ({ file, folder: "" }));
  const found = await Promise.all(entries.map((entry) => walk(entry, "")));
  return found.flat();
}

async function walk(entry, folder) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => { entry.file(resolve, reject); });
    return [{ file, folder }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (!some.length) return found;
    for (const one of some) found.push(...await walk(one, entry.name));
  }
}
