import { Download, Mic, Music, Pause, Play } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attachment, Message } from '../../../engine/connection.ts';
import { useFileUrl } from '../../../engine/use-file-url.ts';
import { IconButton } from '../../../parts/button.tsx';
import { playTime, sizeOf } from '../../../parts/sizes.ts';
import { kindOf } from './attachment-kind.ts';
import { saveFile } from './save-file.ts';
import { Transfer } from './transfer.tsx';
import { useFileName } from './use-file-name.ts';
import { readWaveform, type Waveform } from './waveform.ts';

/** A voice message or another piece of sound. */
export function SoundPlayer({ message, attachment }: { message: Message; attachment: Attachment }) {
  const { t, i18n } = useTranslation();
  const name = useFileName()(attachment);
  const here = attachment.state === 'here' || attachment.state === 'uploading';
  const file = useFileUrl(here ? `attachments/${attachment.id}` : null, true);
  const isVoice = kindOf(attachment) === 'voice';
  const Icon = isVoice ? Mic : Music;
  const playable = file !== null && file !== 'failed' && /^(audio|video)\//.test(file.type);
  return (
    <div className="w-64 max-w-full">
      {playable && !isVoice && <p className="truncate text-s opacity-90">{name}</p>}
      <div className="flex items-center gap-2.5">
        {playable ? (
          <Player sound={file} label={name} />
        ) : (
          <p className="flex min-w-0 flex-1 items-center gap-2">
            <Icon aria-hidden="true" className="size-5 shrink-0" strokeWidth={1.75} />
            <span className="min-w-0">
              <span className="block truncate">{here && file !== null ? t('files.notASound') : name}</span>
              <span className="block text-s opacity-90">
                {attachment.state === 'lost' ? t('files.lost') : sizeOf(attachment.size, i18n.language)}
              </span>
            </span>
          </p>
        )}
        {attachment.state === 'here' && !isVoice && (
          <IconButton
            label={t('files.save', { name })}
            onClick={() => void saveFile(message, attachment).catch(() => {})}
            className="text-current!"
          >
            <Download className="size-5" strokeWidth={1.75} />
          </IconButton>
        )}
        <Transfer attachment={attachment} name={name} />
      </div>
    </div>
  );
}

/** Plays sound from an address of this page; the waveform is a slider. Only one plays at a time. */
export function Player({ sound: { url, blob }, label }: { sound: { url: string; blob: Blob }; label: string }) {
  const { t } = useTranslation();
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const wave = useWaveform(blob);
  const seconds = wave?.seconds ?? 0;
  const seek = (to: number) => {
    if (audio.current === null) return;
    audio.current.currentTime = Math.min(Math.max(0, to), seconds);
    setAt(audio.current.currentTime);
  };
  const toggle = () => {
    if (playing) return audio.current?.pause();
    for (const other of document.querySelectorAll('audio, video')) (other as HTMLMediaElement).pause();
    void audio.current?.play().catch(() => setPlaying(false));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 2, ArrowLeft: -2 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    seek(at + step);
  };
  const progress = seconds === 0 ? 0 : at / seconds;
  return (
    <div dir="ltr" className="flex min-w-0 flex-1 items-center gap-2.5">
      {/* biome-ignore lint/a11y/useMediaCaption: what people say to each other has no captions */}
      <audio
        ref={audio}
        src={url}
        preload="metadata"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setAt(0)}
        onTimeUpdate={({ currentTarget }) => setAt(currentTarget.currentTime)}
      />
      <button
        type="button"
        aria-label={t(playing ? 'files.pause' : 'files.play', { name: label })}
        onClick={toggle}
        className="grid size-9 shrink-0 place-items-center rounded-full bg-[color-mix(in_srgb,currentColor_14%,transparent)]"
      >
        {playing ? (
          <Pause aria-hidden="true" className="size-4 fill-current" strokeWidth={1.75} />
        ) : (
          <Play aria-hidden="true" className="size-4 fill-current" strokeWidth={1.75} />
        )}
      </button>
      <div
        role="slider"
        tabIndex={0}
        aria-label={t('files.position', { name: label })}
        aria-valuemin={0}
        aria-valuemax={Math.round(seconds)}
        aria-valuenow={Math.round(at)}
        aria-valuetext={playTime(at)}
        onKeyDown={onKeyDown}
        onClick={({ clientX, currentTarget }) => {
          const { left, width } = currentTarget.getBoundingClientRect();
          seek(((clientX - left) / width) * seconds);
        }}
        className="flex h-8 min-w-0 flex-1 cursor-pointer items-center gap-px"
      >
        {(wave?.bars ?? NO_BARS).map((bar, place) => (
          <i
            // biome-ignore lint/suspicious/noArrayIndexKey: bars are places, and nothing else
            key={place}
            className={`min-w-px flex-1 rounded-full bg-current ${place / NO_BARS.length < progress ? '' : 'opacity-40'}`}
            style={{ height: `${Math.max(12, Math.round(bar * 100))}%` }}
          />
        ))}
      </div>
      <span className="shrink-0 text-xs tabular-nums">{playTime(playing || at > 0 ? at : seconds)}</span>
    </div>
  );
}

const NO_BARS: readonly number[] = Array.from({ length: 40 }, () => 0);

function useWaveform(blob: Blob): Waveform | null {
  const [wave, setWave] = useState<Waveform | null>(null);
  useEffect(() => {
    let wanted = true;
    const read = async () => {
      const found = await readWaveform(await blob.arrayBuffer());
      if (wanted) setWave(found);
    };
    read().catch(() => {});
    return () => {
      wanted = false;
    };
  }, [blob]);
  return wave;
}
