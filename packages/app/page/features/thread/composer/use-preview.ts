import { useState } from 'react';
import { engine } from '../../../engine/connection.ts';
import { useSettings } from '../../../engine/queries.ts';
import { useCommand } from '../../../engine/use-command.ts';
import { parseText } from '../text/parse-text.ts';

type Made = NonNullable<Awaited<ReturnType<typeof engine.messages.preview.mutate>>>;

/** The preview of the first link of a text: offered if the setting is on, made when asked for, gone with its link. */
export function usePreview(text: string) {
  const allowed = useSettings()?.linkPreviews === true;
  const [made, setMade] = useState<Made | null>(null);
  const [dismissed, setDismissed] = useState<string | null>(null);
  const [nothing, setNothing] = useState<string | null>(null);
  const first = allowed ? firstLink(text) : null;
  const link = first === dismissed ? null : first;
  const make = useCommand(async (url: string) => {
    const found = await engine.messages.preview.mutate({ url }).catch(() => null);
    if (found === null) setNothing(url);
    else setMade(found);
  });
  return {
    link,
    made: made?.url === link ? made : null,
    running: make.running,
    nothing: link !== null && nothing === link,
    make: () => link !== null && make.run(link),
    dismiss: () => setDismissed(first),
  };
}

/** As it stands in the text: a reader shows a preview only if its link occurs there (messages §5.5). */
function firstLink(text: string): string | null {
  const found = parseText(text).find((piece) => piece.kind === 'link' && piece.text.startsWith('https://'));
  return found?.kind === 'link' ? found.text : null;
}
