import { useCallback, useEffect, useRef, useState } from 'react';
import type { Row } from './rows.ts';

/** How long a message stands out that was jumped to. */
const MARK_MS = 1_800;

/** What scrolls to rows by their place. */
export interface RowScroller {
  scrollToIndex(at: number, options: { readonly align: 'auto' | 'center' }): void;
}

/** Going to a message, at once or when its page has come. */
export function useJump(rows: readonly Row[], virtualizer: RowScroller) {
  // Another object goes to the same message once more.
  const [marked, setMarked] = useState<{ readonly id: string } | null>(null);
  const wanted = useRef<string | null>(null);
  const latest = useRef({ rows, virtualizer });
  latest.current = { rows, virtualizer };
  const go = useCallback(() => {
    const id = wanted.current;
    if (id === null || !latest.current.rows.some(({ message }) => message.id === id)) return;
    wanted.current = null;
    setMarked({ id });
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other rows are the reason to look again
  useEffect(go, [rows, go]);
  // Pages that come meanwhile move everything: it stands out from when the last one did.
  useEffect(() => {
    const at = marked === null ? -1 : rows.findIndex(({ message }) => message.id === marked.id);
    if (at < 0) return;
    const frame = requestAnimationFrame(() => latest.current.virtualizer.scrollToIndex(at, { align: 'center' }));
    const timer = setTimeout(() => setMarked(null), MARK_MS);
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [marked, rows]);
  const showMessage = useCallback(
    (messageId: string) => {
      wanted.current = messageId;
      go();
    },
    [go],
  );
  return { marked: marked?.id ?? null, showMessage };
}
