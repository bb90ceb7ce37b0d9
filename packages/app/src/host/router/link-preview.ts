import { type Engine, EngineError, makeLinkPreview, type OutgoingAttachment, webFetch } from '@sotto/client';

const LONGEST_WAIT_MS = 15_000;

/** A preview as a draft carries it. */
export interface MadePreview {
  readonly url: string;
  readonly title: string | null;
  readonly image: OutgoingAttachment | null;
}

/**
 * Makes the preview of a link that the person asked for, from its site and through the proxy if there is one (messages
 * §5.5); its picture is kept to be sent along. `null` if there is nothing to show. @throws EngineError `not-allowed` if
 * previews are off
 */
export async function previewLink(engine: Engine, url: string): Promise<MadePreview | null> {
  const { linkPreviews, proxy } = engine.settings();
  if (!linkPreviews) throw new EngineError('not-allowed', 'link previews are off');
  // Takes 15 s at most: a site that hangs is one without a preview.
  const made = await makeLinkPreview(url, webFetch(proxy), AbortSignal.timeout(LONGEST_WAIT_MS)).catch(() => null);
  if (made === null) return null;
  const image = made.image && { file: await engine.keepFile(made.image.bytes), contentType: made.image.contentType };
  return { url: made.url, title: made.title, image };
}
