import { FileUp } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../parts/button.tsx';
import { Area } from '../../parts/field.tsx';
import { FileButton } from '../../parts/file-button.tsx';
import { QrInput } from '../../parts/qr/qr-input.tsx';

/** No network file or link is longer (docs/protocol/directory.md §1). */
const MOST_CHARACTERS = 16_384;

interface NetworkInputProps {
  /** What was given: text of a network file, or a link. */
  readonly onText: (text: string) => void;
  /** What was wrong with the last one. */
  readonly problem: string | undefined;
  readonly running: boolean;
}

/** Takes a network as a file (chosen, or dropped anywhere on the page), as a link, or as a QR code. */
export function NetworkInput({ onText, problem, running }: NetworkInputProps) {
  const { t } = useTranslation();
  const [link, setLink] = useState('');
  const [tooLarge, setTooLarge] = useState(false);
  const takeFile = async (file: File) => {
    setTooLarge(file.size > MOST_CHARACTERS);
    if (file.size <= MOST_CHARACTERS) onText(await file.text());
  };
  const takeText = (text: string) => {
    setTooLarge(false);
    onText(text);
  };
  const dropping = useFileDrop((file) => void takeFile(file));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    takeText(link);
  };
  return (
    <div className="grid gap-4">
      <div
        className={`grid justify-items-center gap-2 rounded-l border border-dashed px-4 py-6 text-center transition-colors ${dropping ? 'border-accent bg-accent-soft text-accent' : 'border-line text-soft'}`}
      >
        <FileUp aria-hidden="true" className="size-6" strokeWidth={1.5} />
        <p>{t('networkInput.drop')}</p>
        <FileButton accept=".sotto,.json,application/json" disabled={running} onFile={(file) => void takeFile(file)}>
          {t('networkInput.choose')}
        </FileButton>
      </div>
      <form onSubmit={submit} className="grid gap-3">
        <Area
          label={t('networkInput.link')}
          placeholder="sotto:network/…"
          value={link}
          onChange={(event) => setLink(event.target.value)}
          rows={3}
          autoComplete="off"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          maxLength={MOST_CHARACTERS}
          className="font-mono text-ms leading-relaxed wrap-anywhere"
          problem={tooLarge ? t('networkInput.tooLarge') : problem}
        />
        <Button type="submit" small disabled={running || link.trim() === ''}>
          {t('networkInput.look')}
        </Button>
      </form>
      <QrInput onRead={takeText} />
    </div>
  );
}

/** Whether a file hovers over the page; it may be dropped anywhere. */
function useFileDrop(onFile: (file: File) => void): boolean {
  const [hovering, setHovering] = useState(false);
  const latest = useRef(onFile);
  latest.current = onFile;
  useEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    const hover = (event: DragEvent) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      setHovering(true);
    };
    addEventListener('dragover', hover, { signal });
    addEventListener('dragleave', (event) => event.relatedTarget === null && setHovering(false), { signal });
    addEventListener(
      'drop',
      (event) => {
        setHovering(false);
        const file = event.dataTransfer?.files[0];
        if (file === undefined) return;
        event.preventDefault();
        latest.current(file);
      },
      { signal },
    );
    return () => listening.abort();
  }, []);
  return hovering;
}

function hasFile(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}
