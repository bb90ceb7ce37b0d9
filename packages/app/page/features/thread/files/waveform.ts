/** How many bars a voice message has. */
const BARS = 40;

/** What is heard of a recording: seconds, and how loud it is at 40 places, 0–1. */
export interface Waveform {
  readonly seconds: number;
  readonly bars: readonly number[];
}

/** Decodes a recording. @throws DOMException if it is no sound that this browser knows */
export async function readWaveform(bytes: ArrayBuffer): Promise<Waveform> {
  // A context that plays nothing needs no permission and no device.
  const decoder = new OfflineAudioContext(1, 1, 16_000);
  const sound = await decoder.decodeAudioData(bytes);
  return { seconds: sound.duration, bars: barsOf(sound.getChannelData(0)) };
}

/** The loudest sample of each of 40 parts, the loudest of all being 1. */
export function barsOf(samples: Float32Array): readonly number[] {
  const size = Math.max(1, Math.floor(samples.length / BARS));
  const peaks = Array.from({ length: BARS }, (_, bar) => {
    let peak = 0;
    for (const sample of samples.subarray(bar * size, (bar + 1) * size)) peak = Math.max(peak, Math.abs(sample));
    return peak;
  });
  const loudest = Math.max(...peaks);
  return loudest === 0 ? peaks : peaks.map((peak) => peak / loudest);
}
