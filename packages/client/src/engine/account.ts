/** Our own account as others see it. */
export interface AccountInfo {
  readonly accountId: string;
  readonly name: string;
  /** Changes with the picture; read the bytes with `Engine.readPicture(accountId)`. `null` without one. */
  readonly pictureVersion: string | null;
  /** What a restored account still waits for; see `Restoring`. */
  readonly restoring: Restoring | null;
}

/**
 * How far a restored account is. `done` counts parts of the shared state that have arrived. `no-room`: the disk is full,
 * and it goes on when there is room.
 */
export interface Restoring {
  readonly stage: 'connecting' | 'profile' | 'contacts' | 'conversations' | 'messages' | 'no-room';
  readonly done: number;
  readonly of: number;
}

/** What is known of the devices of this account. The protocol has no list of them; this is what their traces show. */
export interface Devices {
  /** When this device got the account, ms. */
  readonly since: number;
  /** When a message or change that this device did not make last came from another one, ms; `null` if never. */
  readonly otherSeenAt: number | null;
  /** Changes of this device that the network does not hold yet. */
  readonly pendingChanges: number;
  /** When this device last stored or fetched the shared state, ms; `null` if never. */
  readonly syncedAt: number | null;
}

/** A way through a proxy for all connections of this profile; names are looked up by the proxy. */
export interface ProxySetting {
  readonly kind: 'socks5' | 'http';
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

/** Settings of one profile that are not part of the account. */
export interface Settings {
  readonly theme: 'system' | 'light' | 'dark';
  readonly language: string;
  /** The person has confirmed that the recovery phrase is written down. */
  readonly phraseConfirmed: boolean;
  /** Tell others what we have read, and see what they have (off until chosen). */
  readonly readReceipts: boolean;
  /** Tell others that we write, and see it of them (off until chosen). */
  readonly typingIndicators: boolean;
  /** Make previews of links that we send; fetched directly from the site (off until chosen). */
  readonly linkPreviews: boolean;
  readonly notifications: boolean;
  /** What of a message a notification shows: who and what, who alone, or only that there is one. */
  readonly notificationContent: 'name-and-text' | 'name' | 'nothing';
  readonly proxy: ProxySetting | null;
}
