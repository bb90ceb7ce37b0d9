import { useEffect, useRef } from 'react';
import type { Message } from '../../../engine/connection.ts';

/** What lies above the thread: a menu, a picker or a sheet. */
export type Above =
  | { readonly kind: 'menu'; readonly message: Message; readonly place: Place; readonly anchor: HTMLElement | null }
  | { readonly kind: 'reaction'; readonly message: Message; readonly place: Place }
  | { readonly kind: 'delete' | 'info'; readonly message: Message }
  | { readonly kind: 'view'; readonly attachmentId: string }
  | { readonly kind: 'timer' | 'details' };

interface Place {
  readonly x: number;
  readonly y: number;
}

/** When what lay above a message is closed, the message has the focus again, unless something else took it. */
export function useFocusBack(above: Above | null): void {
  const last = useRef<string | null>(null);
  useEffect(() => {
    if (above !== null) {
      last.current = 'message' in above ? above.message.id : null;
      return;
    }
    if (last.current === null || document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>(`[data-message="${CSS.escape(last.current)}"]`)?.focus();
  }, [above]);
}
