// A recording on its way to the server. What the server has not confirmed is kept here,
// and sent again when it is back; what it has confirmed is on the disk.

import { Microphone } from "./microphone.js";
import { Refusal, act, send, wait } from "./server.js";

const PAUSE_MS = 300; // between two parts
const RETRY_MS = 700;

export class Recorder {
  /** `tell` is called with {clips}, {level} or {note}. */
  constructor(tell) {
    this.tell = tell;
    this.pieces = [];
    this.nSent = 0; // samples that the server has
    this.nHeard = 0;
    this.isOpen = false;
  }

  async start(label, atPauses, group) {
    this.microphone = new Microphone((piece, peak) => this.hear(piece, peak));
    try {
      await this.microphone.start();
      const { id } = await act("/api/recordings", {
        label, group, at_pauses: atPauses, sample_rate: Math.round(this.microphone.sampleRate),
      });
      this.id = id;
    } catch (error) {
      await this.microphone.stop();
      throw error;
    }
    this.isOpen = true;
    this.sending = this.keepSending();
  }

  get seconds() {
    return this.nHeard / this.microphone.sampleRate;
  }

  hear(piece, peak) {
    this.pieces.push(piece);
    this.nHeard += piece.length;
    this.tell({ level: peak });
  }

  /** End; returns when the server has everything and has made its clips. */
  async stop() {
    await this.microphone.stop();
    this.isOpen = false;
    await this.sending;
    const clips = await this.insist(() => act("/api/recordings/finish", { id: this.id }));
    this.tell({ clips });
  }

  async keepSending() {
    while (this.isOpen || this.pieces.length) {
      if (this.pieces.length && this.id) await this.sendPart();
      if (this.isOpen) await wait(PAUSE_MS);
    }
  }

  async sendPart() {
    const { pieces, nSent } = this;
    const body = new Blob(pieces.slice(0, 100));
    const answer = await this.insist(() => send(`/api/recordings/${this.id}`, { offset: nSent }, body));
    this.forget(answer.n_samples);
    if (answer.clips.length) this.tell({ clips: answer.clips });
  }

  /** Forget the samples that the server has. */
  forget(nSamples) {
    while (this.pieces.length && this.nSent + this.pieces[0].length <= nSamples) {
      this.nSent += this.pieces.shift().length;
    }
    const part = nSamples - this.nSent;
    if (part > 0 && this.pieces.length) {
      this.pieces[0] = this.pieces[0].slice(part);
      this.nSent = nSamples;
    }
  }

  /** Ask until the server answers, however long it is away. */
  async insist(what) {
    for (;;) {
      try {
        const answer = await what();
        this.tell({ note: "" });
        return answer;
      } catch (error) {
        const isTold = error instanceof Refusal && error.status < 500 && error.status !== 429;
        if (isTold) {
          this.isOpen = false;
          this.pieces = [];
          throw error;
        }
        this.tell({ note: "The studio does not answer. Nothing is lost: this page keeps the sound until it is back." });
        await wait(RETRY_MS);
      }
    }
  }
}
