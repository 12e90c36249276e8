// In the audio thread of the browser: hands on what the microphone hears.
registerProcessor("microphone", class extends AudioWorkletProcessor {
  process([channels]) {
    if (channels.length) this.port.postMessage(channels.map((one) => one.slice()));
    return true;
  }
});
