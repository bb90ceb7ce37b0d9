import { ArrowUp, Square, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../../parts/button.tsx';
import { playTime } from '../../../parts/sizes.ts';
import { useNow } from '../../../parts/use-now.ts';
import { Player } from '../files/sound-player.tsx';
import type { RecorderState, Recording } from './use-recorder.ts';

interface RecorderBarProps {
  readonly state: RecorderState;
  readonly onStop: () => void;
  readonly onDiscard: () => void;
  readonly onSend: (recording: Recording) => void;
}

/** A voice message while it is recorded, and heard once more before it is sent. */
export function RecorderBar({ state, onStop, onDiscard, onSend }: RecorderBarProps) {
  const { t } = useTranslation();
  const now = useNow(state.kind === 'recording' ? 250 : null);
  const elapsed = state.kind === 'recording' ? playTime((now - state.startedAt) / 1_000) : '';
  return (
    // biome-ignore lint/a11y/useSemanticElements: these are no fields
    <div
      role="group"
      aria-label={t('voice.label')}
      className="flex items-center gap-2"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        onDiscard();
      }}
    >
      <IconButton label={t('voice.discard')} onClick={onDiscard}>
        <Trash2 className="size-5" strokeWidth={1.75} />
      </IconButton>
      <div className="flex min-h-10 min-w-0 flex-1 items-center gap-2.5 rounded-[20px] border border-line bg-sunk px-3.5">
        {state.kind === 'asking' && <span className="text-soft">{t('voice.asking')}</span>}
        {state.kind === 'recording' && (
          <>
            <span aria-hidden="true" className="size-2.5 shrink-0 animate-pulse rounded-full bg-danger" />
            <span className="sr-only" role="status">
              {t('voice.recording')}
            </span>
            <span className="tabular-nums">{elapsed}</span>
            <span
              aria-hidden="true"
              className="flex h-7 min-w-0 flex-1 items-center justify-end gap-px overflow-hidden"
            >
              {state.levels.map((level, place) => (
                <i
                  // biome-ignore lint/suspicious/noArrayIndexKey: levels are places, and nothing else
                  key={place}
                  className="w-1 shrink-0 rounded-full bg-accent"
                  style={{ height: `${Math.max(10, Math.round(level * 100))}%` }}
                />
              ))}
            </span>
            <span className="text-s text-faint narrow:hidden">{t('voice.limit')}</span>
          </>
        )}
        {state.kind === 'done' && <Player sound={state.recording} label={t('files.kind.voice')} />}
      </div>
      {state.kind === 'done' ? (
        <IconButton
          autoFocus
          solid
          label={t('voice.send')}
          className="size-10!"
          onClick={() => onSend(state.recording)}
        >
          <ArrowUp className="size-5" strokeWidth={2} />
        </IconButton>
      ) : (
        <IconButton
          autoFocus
          solid
          label={t('voice.stop')}
          className="size-10!"
          disabled={state.kind !== 'recording'}
          onClick={onStop}
        >
          <Square className="size-4 fill-current" strokeWidth={2} />
        </IconButton>
      )}
    </div>
  );
}
