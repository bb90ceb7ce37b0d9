import { createHash, randomBytes } from 'node:crypto';
import { equalBytes, type Random, wipe } from '@sotto/wire/bytes';

/** How long a link may be opened, in ms. */
export const LINK_LIFETIME = 10 * 60_000;
const MOST_LINKS = 8;
const MOST_SESSIONS = 64;
const SECRET_BYTES = 32;

/** What a browser gets for a link. Neither half opens anything alone. */
export interface SessionSecrets {
  /** Value of the HttpOnly cookie; scripts cannot read it, but a browser sends it to every port of this host name. */
  readonly cookie: string;
  /** Kept in the page's storage, which belongs to this port alone; shown at the start of every WebSocket. */
  readonly pageKey: string;
}

interface Link {
  readonly tokenDigest: Uint8Array;
  readonly expiresAt: number;
}

interface Session {
  readonly cookieDigest: Uint8Array;
  readonly pageKeyDigest: Uint8Array;
}

/**
 * The links that a person may open and the browsers that have opened one.
 * Secrets are 256 random bits; only their digests are kept, and every comparison takes constant time.
 */
export class Sessions {
  readonly #now: () => number;
  readonly #random: Random;
  #links: Link[] = [];
  #sessions: Session[] = [];

  /** `now` gives ms; `random` gives unpredictable bytes. */
  constructor(now: () => number = Date.now, random: Random = randomBytes) {
    this.#now = now;
    this.#random = random;
  }

  /** A token that `exchange` takes once within `LINK_LIFETIME`. Of more than eight open ones the oldest ends. */
  newToken(): string {
    const token = this.#secret();
    const kept = this.#links.filter((link) => link.expiresAt > this.#now()).slice(1 - MOST_LINKS);
    this.#links = [...kept, { tokenDigest: digest(token), expiresAt: this.#now() + LINK_LIFETIME }];
    return token;
  }

  /** Uses up a token. `null` if it is unknown, used or expired. */
  exchange(token: string): SessionSecrets | null {
    const given = digest(token);
    const used = this.#links.filter((link) => equalBytes(link.tokenDigest, given));
    this.#links = this.#links.filter((link) => !used.includes(link));
    if (!used.some((link) => link.expiresAt > this.#now())) return null;
    const secrets = { cookie: this.#secret(), pageKey: this.#secret() };
    const session = { cookieDigest: digest(secrets.cookie), pageKeyDigest: digest(secrets.pageKey) };
    this.#sessions = [...this.#sessions.slice(1 - MOST_SESSIONS), session];
    return secrets;
  }

  /** Whether a browser with this cookie has opened a link. */
  hasCookie(cookie: string): boolean {
    return this.#find(cookie) !== undefined;
  }

  /** Whether both halves belong to the same session. */
  accepts(cookie: string, pageKey: string): boolean {
    const session = this.#find(cookie);
    return session !== undefined && equalBytes(session.pageKeyDigest, digest(pageKey));
  }

  #find(cookie: string): Session | undefined {
    const given = digest(cookie);
    return this.#sessions.filter((session) => equalBytes(session.cookieDigest, given))[0];
  }

  #secret(): string {
    const bytes = this.#random(SECRET_BYTES);
    const text = Buffer.from(bytes).toString('base64url');
    wipe(bytes);
    return text;
  }
}

function digest(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest();
}
