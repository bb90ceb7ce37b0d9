import type { Fields } from './table.ts';

const DAYS_14 = 1_209_600_000;
const ACCOUNT_ID = /^05[0-9a-f]{64}$/;
/** A file URL with the items that may stand behind `#` (messages §9.3). */
const FILE_URL = /^https?:\/\/[^/]+\/file\/[A-Za-z0-9_-]{1,44}(#(p=[0-9a-f]{64}|d=?)(&(p=[0-9a-f]{64}|d=?))*)?$/;

/** What a content is about. */
export type ContentKind =
  | 'message'
  | 'reaction'
  | 'timer'
  | 'receipt'
  | 'typing'
  | 'media-saved'
  | 'unsend'
  | 'request-accepted';

/** Who wrote it, to whom, for how long. */
interface Way {
  readonly sender: string;
  readonly isCopy: boolean;
  readonly ttl: number;
}

/** Checks a content against the rules for senders (messages §3–§6). @throws Error that says which rule is broken. */
export function checkContent(content: Fields, way: Way): ContentKind {
  const { expirationType: type = 0n, expirationTimer: timer = 0n, sigTimestamp, ...parts } = content;
  must(Object.keys(parts).length === 1, 'a content has exactly one message (§3)');
  must((type === 0n) === (timer === 0n) && (type as bigint) <= 2n, 'type and timer of disappearing agree (§5.13)');
  const [name, part] = Object.entries(parts)[0] as [string, Fields];
  const kind = name === 'dataMessage' ? checkData(part, way) : checkOther(name, part, sigTimestamp as bigint, way);
  const mayDisappear = kind === 'message' || kind === 'timer' || kind === 'media-saved' || kind === 'reaction';
  must(timer === 0n || mayDisappear, `${kind} does not disappear (§5.13)`);
  must(kind !== 'media-saved' || type !== 2n, 'notices never disappear after sending (§5.13)');
  const seconds = kind === 'message' ? Number(timer) : 0;
  const isShort = seconds > 0 && (type === 2n || way.isCopy);
  const ttl = kind === 'typing' ? 20_000 : isShort ? Math.min(seconds * 1000, DAYS_14) : DAYS_14;
  // Whoever reads what disappears after reading shortens it.
  must(type === 1n ? way.ttl <= ttl : way.ttl === ttl, `${kind} is stored for ${ttl} ms, not ${way.ttl} (§5.18)`);
  return kind;
}

function checkData(data: Fields, { isCopy }: Way): ContentKind {
  const { reaction, flags = 0n, syncTarget, profile, profileKey, sotto: _, ...said } = data;
  must(isCopy === (syncTarget !== undefined), 'exactly copies to oneself have a syncTarget (§4.3)');
  must(syncTarget === undefined || ACCOUNT_ID.test(syncTarget as string), 'syncTarget is an account id (§3)');
  must(!isCopy || (profile === undefined && profileKey === undefined), 'copies have no profile (§4.3)');
  checkProfile(profile as Fields | undefined, profileKey as Uint8Array | undefined);
  if (reaction) {
    must(flags === 0n && Object.keys(said).length === 0, 'a reaction carries nothing else (§5.4)');
    const { author, emoji, action } = reaction as Fields as { author: string; emoji: string; action: bigint };
    must(ACCOUNT_ID.test(author) && action <= 1n, 'a reaction names an author and an action (§5.4)');
    must([...new Intl.Segmenter().segment(emoji)].length === 1, 'a reaction is one emoji (§5.4)');
    return 'reaction';
  }
  if (flags === 2n) {
    must(Object.keys(said).length === 0, 'a timer update says nothing else (§5.13)');
    return 'timer';
  }
  must(flags === 0n, 'no other flags are sent (§3)');
  checkSaid(said);
  return 'message';
}

function checkSaid(said: Fields): void {
  const {
    body = '',
    attachments = [],
    quote,
    preview,
    communityInvitation,
  } = said as {
    body?: string;
    attachments?: Fields[];
    quote?: Fields;
    preview?: Fields;
    communityInvitation?: { url: string; name: string };
  };
  must(Array.from(body).length <= 2000, 'a body has at most 2000 code points (§5.2)');
  must(body.trim() !== '' || attachments.length > 0 || !!communityInvitation, 'a message says something (§5.2)');
  must(attachments.length <= 32, 'a message has at most 32 attachments (§5.2)');
  for (const attachment of attachments) checkAttachment(attachment);
  must(!quote || ACCOUNT_ID.test(quote.author as string), 'a quote names its author (§5.3)');
  if (preview) {
    must(body.includes(preview.url as string), 'the link of a preview is in the body (§5.5)');
    must(/^https:\/\//.test(preview.url as string), 'only https links have previews (§5.5)');
    must(!!preview.title || !!preview.image, 'a preview shows something (§5.5)');
    if (preview.image) checkAttachment(preview.image as Fields);
  }
  if (communityInvitation) {
    must(/\?public_key=[0-9a-f]{64}$/.test(communityInvitation.url), 'an invitation has the key of the room (§5.15)');
  }
}

/** (messages §5.16, §8) */
function checkAttachment(fields: Fields): void {
  const {
    id,
    key,
    size,
    digest,
    url,
    flags = 0n,
  } = fields as {
    id: bigint;
    key: Uint8Array;
    size: bigint;
    digest?: Uint8Array;
    url: string;
    flags?: bigint;
  };
  must(FILE_URL.test(url), 'a file has a URL of a file server (§9.3)');
  const fileId = /\/file\/(\d{1,19})(#|$)/.exec(url)?.[1];
  must(id === BigInt(fileId ?? 0), 'the id is the number in the URL, else 0 (§5.16)');
  const isStream = /#(.*&)?d=?(&|$)/.test(url);
  must(key.length === (isStream ? 32 : 64), 'the key fits the encryption (§8)');
  must(isStream ? digest === undefined : digest?.length === 32, 'exactly the legacy encryption has a digest (§8)');
  must(size > 0n && size <= 10_000_000n, 'the size is that of the plaintext (§5.16)');
  must(flags <= 1n, 'only voice messages are flagged (§5.16)');
}

/** (messages §5.6) */
function checkProfile(profile: Fields | undefined, key: Uint8Array | undefined): void {
  const { displayName = '', profilePicture } = (profile ?? {}) as { displayName?: string; profilePicture?: string };
  must(
    !profile || (displayName.trim() !== '' && Buffer.byteLength(displayName) <= 100),
    'a name has 1 to 100 bytes (§5.6)',
  );
  must((profilePicture === undefined) === (key === undefined), 'picture and key come together (§5.6)');
  if (profilePicture === undefined) return;
  must(key!.length === 32, 'the key of a picture has 32 bytes (§5.6)');
  must(
    FILE_URL.test(profilePicture) && profilePicture.length <= 223,
    'a picture has a URL of 223 bytes at most (§5.6)',
  );
}

function checkOther(name: string, part: Fields, sentAt: bigint, { sender, isCopy }: Way): ContentKind {
  switch (name) {
    case 'receiptMessage':
      must(!isCopy && part.type === 1n, 'receipts are READ and go to others (§5.8)');
      must(((part.timestamp as unknown[] | undefined)?.length ?? 0) > 0, 'a receipt names messages (§5.8)');
      return 'receipt';
    case 'typingMessage':
      must(!isCopy && part.timestamp === sentAt, 'typing has the timestamp of the envelope (§5.7)');
      must((part.action as bigint) <= 1n, 'typing starts or stops (§5.7)');
      return 'typing';
    case 'dataExtractionNotification':
      must(!isCopy && part.type === 2n, 'only saved files are told, and to others (§5.14)');
      must(((part.timestamp as bigint | undefined) ?? 0n) > 0n, 'a saved file has the time of its message (§5.14)');
      return 'media-saved';
    case 'unsendRequest':
      must(part.author === sender, 'only the author takes back (§5.9)');
      return 'unsend';
    case 'messageRequestResponse':
      must(!isCopy && part.isApproved === 1n, 'a response accepts, and goes to others (§5.11)');
      checkProfile(part.profile as Fields | undefined, part.profileKey as Uint8Array | undefined);
      return 'request-accepted';
    default:
      throw new Error(`${name} is never sent`);
  }
}

function must(isKept: boolean, rule: string): void {
  if (!isKept) throw new Error(`a message breaks a rule: ${rule}`);
}
