import { useCallback, useEffect, useRef, useState } from 'react';

/** Voice messages are no longer than this. */
const LONGEST_RECORDING_MS = 5 * 60_000;
const LEVELS = 48;
const LEVEL_EVERY_MS = 100;
const TYPES = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4'];
const BITS_PER_SECOND = 24_000;

/** A finished recording. */
export interface Recording {
  readonly blob: Blob;
  readonly url: string;
}

export type RecorderState =
  | { readonly kind: 'idle' | 'asking' | 'refused' }
  | { readonly kind: 'recording'; readonly startedAt: number; readonly levels: readonly number[] }
  | { readonly kind: 'done'; readonly recording: Recording };

/** Records from the microphone, at most five minutes; nothing is sent before it was heard. */
export function useRecorder() {
  const [state, setState] = useState<RecorderState>({ kind: 'idle' });
  const running = useRef<{ readonly recorder: MediaRecorder; discard: boolean } | null>(null);
  const left = useRef(false);
  const discard = useCallback(() => {
    const run = running.current;
    if (run !== null) {
      run.discard = true;
      if (run.recorder.state !== 'inactive') run.recorder.stop();
    }
    setState((known) => {
      if (known.kind === 'done') URL.revokeObjectURL(known.recording.url);
      return { kind: 'idle' };
    });
  }, []);
  useEffect(() => {
    left.current = false;
    return () => {
      left.current = true;
      discard();
    };
  }, [discard]);

  const start = async () => {
    setState({ kind: 'asking' });
    const microphone = await navigator.mediaDevices?.getUserMedia({ audio: true }).catch(() => null);
    if (microphone == null) return setState({ kind: 'refused' });
    const end = () => {
      for (const track of microphone.getTracks()) track.stop();
    };
    if (left.current) return end();
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? '';
    const recorder = new MediaRecorder(microphone, { mimeType, audioBitsPerSecond: BITS_PER_SECOND });
    const pieces: Blob[] = [];
    const run = { recorder, discard: false };
    running.current = run;
    const stopMeter = meter(microphone, (level) =>
      setState((known) =>
        known.kind === 'recording' ? { ...known, levels: [...known.levels.slice(1 - LEVELS), level] } : known,
      ),
    );
    const limit = setTimeout(() => recorder.stop(), LONGEST_RECORDING_MS);
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    recorder.onstop = () => {
      clearTimeout(limit);
      stopMeter();
      end();
      if (running.current === run) running.current = null;
      if (run.discard || left.current) return;
      const blob = new Blob(pieces, { type: recorder.mimeType.split(';')[0]! });
      setState({ kind: 'done', recording: { blob, url: URL.createObjectURL(blob) } });
    };
    recorder.start();
    setState({ kind: 'recording', startedAt: Date.now(), levels: [] });
  };

  return { state, start: () => void start(), stop: () => running.current?.recorder.stop(), discard };
}

/** Tells how loud it is, 0–1, ten times a second; returns how to stop that. */
function meter(microphone: MediaStream, tell: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(microphone).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    tell(Math.min(1, Math.sqrt(power) * 4));
  }, LEVEL_EVERY_MS);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}
