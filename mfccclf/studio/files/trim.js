// Keep a part of a clip: its waveform, two sliders, and the part to listen to.

import { drawOutline, element, play } from "./parts.js";
import { soundOf } from "./server.js";

const PARTS = 320;

export async function openTrimmer(clip) {
  const address = soundOf(clip.id, clip.version);
  const shape = await outlineOf(address);
  const [from, to] = [element("trim-from"), element("trim-to")];
  const dialog = element("trimmer");
  element("trim-title").textContent = `Trim ${clip.id}`;
  for (const input of [from, to]) input.max = clip.seconds;
  from.value = 0;
  to.value = clip.seconds;
  const ends = () => ({ from: Number(from.value), to: Math.max(Number(to.value), Number(from.value)) });
  const show = () => {
    const part = ends();
    for (const input of [from, to]) input.nextElementSibling.value = `${Number(input.value).toFixed(2)} s`;
    drawOutline(element("trim-canvas"), shape, { from: part.from / clip.seconds, to: part.to / clip.seconds });
  };
  from.oninput = show;
  to.oninput = show;
  element("trim-play").onclick = () => play(address, ends().from, ends().to);
  element("trim-keep").onclick = () => dialog.close("keep");
  element("trim-leave").onclick = () => dialog.close("");
  dialog.returnValue = "";
  dialog.showModal();
  show();
  return new Promise((resolve) => {
    dialog.onclose = () => resolve(dialog.returnValue === "keep" ? ends() : null);
  });
}

async function outlineOf(address) {
  const answer = await fetch(address);
  const context = new OfflineAudioContext(1, 1, 16000);
  const sound = (await context.decodeAudioData(await answer.arrayBuffer())).getChannelData(0);
  const size = Math.max(1, Math.ceil(sound.length / PARTS));
  const shape = [];
  for (let start = 0; start < sound.length; start += size) {
    let peak = 0;
    for (const sample of sound.subarray(start, start + size)) peak = Math.max(peak, Math.abs(sample));
    shape.push(Math.min(1, peak));
  }
  return shape;
}
