// The microphone: its samples, piece by piece, as 16-bit numbers.

export class Microphone {
  constructor(onPiece) {
    this.onPiece = onPiece;
    this.waiting = [];
    this.nWaiting = 0;
  }

  /** Begin to listen, at a given rate or the microphone's own. */
  async start(sampleRate = undefined) {
    const wishes = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    if (!navigator.mediaDevices) throw new Error("insecure");
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: wishes });
    await this.connect(sampleRate);
    await this.context.audioWorklet.addModule("/worklet.js");
    this.node = new AudioWorkletNode(this.context, "microphone", { numberOfOutputs: 0 });
    this.node.port.onmessage = ({ data }) => this.hear(data);
    this.source.connect(this.node);
  }

  async connect(sampleRate) {
    try {
      this.context = new AudioContext(sampleRate ? { sampleRate } : {});
      this.source = this.context.createMediaStreamSource(this.stream);
    } catch (error) {
      if (error.name !== "NotSupportedError") throw error;
      // Some browsers take the microphone at its own rate only.
      await this.context.close();
      this.context = new AudioContext();
      this.source = this.context.createMediaStreamSource(this.stream);
    }
  }

  get sampleRate() {
    return this.context.sampleRate;
  }

  hear(channels) {
    const mono = mix(channels);
    this.waiting.push(mono);
    this.nWaiting += mono.length;
    if (this.nWaiting >= this.sampleRate / 10) this.handOn();
  }

  handOn() {
    if (!this.nWaiting) return;
    const piece = new Int16Array(this.nWaiting);
    let place = 0;
    let peak = 0;
    for (const part of this.waiting) {
      for (const sample of part) {
        const clipped = Math.max(-1, Math.min(1, sample));
        peak = Math.max(peak, Math.abs(clipped));
        piece[place] = Math.round(clipped * 32767);
        place += 1;
      }
    }
    this.waiting = [];
    this.nWaiting = 0;
    this.onPiece(piece, peak);
  }

  async stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    if (this.node) this.node.port.onmessage = null;
    this.handOn();
    await this.context?.close();
  }
}

function mix(channels) {
  if (channels.length === 1) return channels[0];
  const mean = new Float32Array(channels[0].length);
  for (const one of channels) one.forEach((sample, place) => { mean[place] += sample / channels.length; });
  return mean;
}

export function problemOf(error) {
  if (error.message === "insecure") return "Microphones need localhost, or an address that begins with https.";
  if (error.name === "NotAllowedError") return "Allow this page to use the microphone, then try again.";
  if (error.name === "NotFoundError") return "There is no microphone. Connect one, or drop sound files.";
  return `The microphone cannot be used: ${error.message}`;
}
