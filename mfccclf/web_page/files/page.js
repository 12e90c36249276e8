// One script in two roles: in the page it recognises; in the audio thread of the browser
// it passes on what the microphone hears. Nothing here sends anything anywhere.

const HOP_S = 0.25; // from one live window to the next
const TURNS = 2; // windows in a row that must agree before the label changes
const LONGEST_S = 120; // of a file that is recognised as one clip
const MOST_BARS = 12; // with more labels, the best of them are shown

async function start() {
  const model = JSON.parse(element("page").dataset.model);
  const page = new Page(model);
  try {
    const recogniser = await Recogniser.open(model);
    page.begin(recogniser);
  } catch (error) {
    page.fail(`The recogniser cannot start: ${error.message}`);
  }
}

function element(id) {
  return document.getElementById(id);
}

/** The model: samples in, scores and what they mean out. */
class Recogniser {
  static async open(model) {
    const ort = await import(new URL(model.runtime.script, location.href));
    const wasm = await fetchWhole(model.runtime.wasm, model.runtime.integrity);
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmBinary = wasm;
    const graph = new Uint8Array(await fetchWhole(model.graph));
    const session = await ort.InferenceSession.create(graph, { executionProviders: ["wasm"] });
    return new Recogniser(model, ort, session);
  }

  constructor(model, ort, session) {
    this.model = model;
    this.ort = ort;
    this.session = session;
    this.last = Promise.resolve();
  }

  /** Recognise one clip at the model's rate; one after the other. */
  recognise(waveform) {
    this.last = this.last.catch(() => {}).then(() => this.judge(waveform));
    return this.last;
  }

  async judge(waveform) {
    if (!this.model.allow_silence && swing(waveform) < this.model.silent_swing) {
      return { text: "silence", labels: [], scores: null, familiarity: null };
    }
    const tensor = new this.ort.Tensor("float32", waveform, [waveform.length]);
    const { scores, familiarity } = await this.session.run({ waveform: tensor });
    return this.decide(Array.from(scores.data), familiarity ? familiarity.data[0] : null);
  }

  decide(scores, familiarity) {
    const { classes, thresholds, limits } = this.model;
    const best = scores.indexOf(Math.max(...scores));
    const sure = scores[best] >= limits.min_confidence
      && (familiarity === null || familiarity >= limits.min_familiarity);
    let labels = [];
    if (sure) {
      labels = thresholds
        ? classes.filter((_, index) => scores[index] >= thresholds[index])
        : [classes[best]];
    }
    const nothing = sure ? "none of them" : "not sure";
    return { text: labels.join(", ") || nothing, labels, scores, familiarity };
  }
}

async function fetchWhole(address, integrity) {
  const answer = await fetch(address, integrity ? { integrity } : {});
  if (!answer.ok) throw new Error(`${address} is missing (${answer.status}).`);
  return answer.arrayBuffer();
}

function swing(waveform) {
  let low = Infinity;
  let high = -Infinity;
  for (const sample of waveform) {
    if (sample < low) low = sample;
    if (sample > high) high = sample;
  }
  return high - low;
}

/** Mix channels as the model reads files: their mean, or one of them. */
function mix(channels, channel) {
  if (channel !== null) return channels[Math.min(channel, channels.length - 1)];
  if (channels.length === 1) return channels[0];
  const mean = new Float32Array(channels[0].length);
  for (const one of channels) one.forEach((sample, place) => { mean[place] += sample / channels.length; });
  return mean;
}

async function decode(file, model) {
  const context = new OfflineAudioContext(1, 1, model.sample_rate);
  let sound;
  try {
    sound = await context.decodeAudioData(await file.arrayBuffer());
  } catch {
    throw new Error("This browser cannot read the file. Save it as WAV.");
  }
  if (sound.duration > LONGEST_S) {
    throw new Error(`It lasts ${sound.duration.toFixed(0)} s. Cut it to ${LONGEST_S} s or less.`);
  }
  if (sound.length < model.min_samples) {
    throw new Error(`It has ${sound.length} samples at ${model.sample_rate} Hz. ${model.min_samples} are needed.`);
  }
  if (model.channel !== null && model.channel >= sound.numberOfChannels) {
    throw new Error(`It has no channel ${model.channel}.`);
  }
  const channels = Array.from({ length: sound.numberOfChannels }, (_, index) => sound.getChannelData(index));
  return mix(channels, model.channel);
}

async function resample(waveform, fromRate, toRate) {
  const length = Math.max(1, Math.round(waveform.length * toRate / fromRate));
  const context = new OfflineAudioContext(1, length, toRate);
  const buffer = context.createBuffer(1, waveform.length, fromRate);
  buffer.copyToChannel(waveform, 0);
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(context.destination);
  source.start();
  return (await context.startRendering()).getChannelData(0);
}

/** The microphone: keeps the last window and hands it on every HOP_S seconds. */
class Microphone {
  constructor(model, onWindow) {
    this.model = model;
    this.onWindow = onWindow;
    this.sinceLast = 0;
    this.restUntil = 0;
  }

  async start(windowS) {
    const wishes = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: wishes });
    try {
      this.connect(new AudioContext({ sampleRate: this.model.sample_rate }));
    } catch (error) {
      if (error.name !== "NotSupportedError") throw error;
      // Some browsers only take the microphone at its own rate: windows are resampled.
      await this.context.close();
      this.connect(new AudioContext());
    }
    this.setWindow(windowS);
    await this.context.audioWorklet.addModule(import.meta.url);
    const node = new AudioWorkletNode(this.context, "microphone", { numberOfOutputs: 0 });
    node.port.onmessage = ({ data }) => this.hear(mix(data, this.model.channel));
    this.source.connect(node);
  }

  connect(context) {
    this.context = context;
    this.source = context.createMediaStreamSource(this.stream);
  }

  setWindow(windowS) {
    this.window = new Float32Array(Math.round(windowS * this.context.sampleRate));
    this.heard = 0;
  }

  hear(samples) {
    const { window } = this;
    window.copyWithin(0, samples.length);
    window.set(samples, window.length - samples.length);
    this.heard += samples.length;
    this.sinceLast += samples.length;
    if (this.heard < window.length || this.sinceLast < HOP_S * this.context.sampleRate) return;
    if (performance.now() < this.restUntil) return;
    this.sinceLast = 0;
    this.restUntil = Infinity;
    this.handOn(window.slice()).finally(() => this.rest());
  }

  /** Leave a slow device as much time for everything else as the last window took. */
  rest() {
    const now = performance.now();
    this.restUntil = now + (now - this.began);
  }

  async handOn(window) {
    this.began = performance.now();
    const { sampleRate } = this.context;
    const wanted = this.model.sample_rate;
    await this.onWindow(sampleRate === wanted ? window : await resample(window, sampleRate, wanted));
  }

  async stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    await this.context?.close();
  }
}

/** Changes its answer only when some windows in a row agree on another one. */
export class SteadyLabel {
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

/** What people see. */
class Page {
  constructor(model) {
    this.model = model;
    this.names = model.classes.map(String);
  }

  begin(recogniser) {
    this.recogniser = recogniser;
    this.say("Ready", true);
    this.note("Press Listen, or drop a sound file.");
    for (const id of ["listen", "window", "chosen"]) element(id).disabled = false;
    this.beginWindow();
    element("listen").addEventListener("click", () => this.toggle());
    element("keep").addEventListener("click", () => this.keep());
    element("chosen").addEventListener("change", ({ target }) => this.take(target.files));
    element("chosen").addEventListener("click", ({ target }) => { target.value = ""; });
    this.beginDropping();
  }

  beginWindow() {
    const input = element("window");
    Object.assign(input, { min: this.model.shortest_window_s, max: this.model.longest_window_s });
    input.value = this.model.window_s;
    const show = () => {
      element("window-s").value = `${Number(input.value).toFixed(1)} s`;
      if (this.microphone?.context) this.microphone.setWindow(Number(input.value));
    };
    input.addEventListener("input", show);
    show();
  }

  beginDropping() {
    const area = element("drop");
    const over = (isOver) => (event) => {
      event.preventDefault();
      area.classList.toggle("over", isOver);
    };
    document.addEventListener("dragover", over(true));
    document.addEventListener("dragleave", over(false));
    document.addEventListener("drop", (event) => {
      over(false)(event);
      this.take(event.dataTransfer.files);
    });
  }

  async toggle() {
    const button = element("listen");
    button.disabled = true;
    try {
      if (this.microphone) await this.hush();
      else await this.listen();
    } catch (error) {
      await this.hush();
      this.say("No microphone", true);
      this.note(problemOfMicrophone(error));
    }
    button.textContent = this.microphone ? "Stop" : "Listen";
    button.disabled = false;
  }

  async listen() {
    const steady = new SteadyLabel();
    this.microphone = new Microphone(this.model, async (waveform) => {
      try {
        const verdict = await this.recogniser.recognise(waveform);
        this.showLive(waveform, verdict, steady.update(verdict.text));
      } catch (error) {
        this.note(`The window could not be recognised: ${error.message}`);
      }
    });
    if (!navigator.mediaDevices) throw new Error("insecure");
    await this.microphone.start(Number(element("window").value));
    this.say("Listening…", true);
    this.note("");
  }

  async hush() {
    const { microphone } = this;
    this.microphone = null;
    await microphone?.stop();
  }

  showLive(waveform, verdict, text) {
    if (!this.microphone) return;
    this.lastWindow = waveform;
    element("keep").disabled = false;
    element("page").dataset.scores = JSON.stringify(verdict.scores);
    if (text !== null) this.say(text, verdict.labels.join(", ") !== text);
    this.note(verdict.familiarity === null ? "" : `Familiarity ${verdict.familiarity.toFixed(2)}`);
    this.drawBars(verdict);
  }

  drawBars({ scores, labels }) {
    const values = scores ?? this.names.map(() => 0);
    let places = this.names.map((_, place) => place);
    if (places.length > MOST_BARS) {
      places = places.sort((a, b) => values[b] - values[a]).slice(0, MOST_BARS);
    }
    const rows = places.map((place) => {
      const row = document.createElement("li");
      row.append(textSpan(this.names[place]), textSpan(`${(100 * values[place]).toFixed(0)} %`));
      row.style.setProperty("--share", values[place]);
      row.classList.toggle("given", labels.includes(this.model.classes[place]));
      return row;
    });
    element("bars").replaceChildren(...rows);
  }

  async take(files) {
    for (const file of Array.from(files)) {
      const row = element("files").tBodies[0].insertRow(0);
      element("files").hidden = false;
      row.insertCell().textContent = file.name;
      const label = row.insertCell();
      const numbers = [row.insertCell(), row.insertCell()];
      numbers.forEach((cell) => { cell.className = "number"; });
      try {
        const waveform = await decode(file, this.model);
        const { text, scores } = await this.recogniser.recognise(waveform);
        label.textContent = text;
        numbers[0].textContent = scores ? Math.max(...scores).toFixed(2) : "";
        numbers[1].textContent = (waveform.length / this.model.sample_rate).toFixed(1);
        row.dataset.scores = JSON.stringify(scores);
      } catch (error) {
        label.textContent = error.message;
        label.className = "problem";
        label.colSpan = 3;
        numbers.forEach((cell) => cell.remove());
      }
      row.dataset.done = "true";
    }
  }

  keep() {
    const content = encodeWav(this.lastWindow, this.model.sample_rate);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type: "audio/wav" }));
    link.download = "window.wav";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  say(text, isUnsure) {
    const label = element("label");
    if (label.textContent !== text) label.textContent = text;
    label.classList.toggle("unsure", isUnsure);
  }

  note(text) {
    element("note").textContent = text;
  }

  fail(text) {
    this.say("Not available", true);
    this.note(text);
    element("note").classList.add("problem");
  }
}

function textSpan(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span;
}

function problemOfMicrophone(error) {
  if (error.message === "insecure") return "Microphones need an address that begins with https, or localhost.";
  if (error.name === "NotAllowedError") return "Allow this page to use the microphone, then press Listen.";
  if (error.name === "NotFoundError") return "There is no microphone. Connect one, or drop a sound file.";
  return `The microphone cannot be used: ${error.message}`;
}

/** Write one channel as a WAV file of 32-bit floats, which keeps every sample as it is. */
function encodeWav(waveform, sampleRate) {
  const content = new DataView(new ArrayBuffer(44 + 4 * waveform.length));
  const write = (place, text) => Array.from(text).forEach((letter, index) => content.setUint8(place + index, letter.charCodeAt(0)));
  write(0, "RIFF");
  content.setUint32(4, 36 + 4 * waveform.length, true);
  write(8, "WAVEfmt ");
  [[16, 16, 4], [20, 3, 2], [22, 1, 2], [24, sampleRate, 4], [28, 4 * sampleRate, 4], [32, 4, 2], [34, 32, 2]]
    .forEach(([place, value, size]) => (size === 4 ? content.setUint32(place, value, true) : content.setUint16(place, value, true)));
  write(36, "data");
  content.setUint32(40, 4 * waveform.length, true);
  waveform.forEach((sample, index) => content.setFloat32(44 + 4 * index, sample, true));
  return content;
}

if (globalThis.AudioWorkletProcessor) {
  registerProcessor("microphone", class extends AudioWorkletProcessor {
    process([channels]) {
      if (channels.length) this.port.postMessage(channels.map((one) => one.slice()));
      return true;
    }
  });
} else {
  start();
}
