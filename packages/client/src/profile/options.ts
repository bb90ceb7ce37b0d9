import type { AnyNetworkFile } from '@sotto/directory';
import type { Random } from '@sotto/wire/bytes';
import type { ProxySetting } from '../engine.ts';
import type { Timings } from '../network/timings.ts';
import type { Transport } from '../network/transport.ts';
import type { Clock, Logger } from '../surroundings.ts';

/** How often the own mailbox is asked for new messages; all in ms. */
export interface Polling {
  /** Pause between two polls. Default 5000, ± 20 % (onion-requests §7.4, 8). */
  readonly idleMs: number;
  /** Pause between two polls while the person is active. Default 1000, ± 20 %. */
  readonly activeMs: number;
  /** How long activity (a message sent or received, a command) keeps the shorter pause. Default 60,000. */
  readonly activeForMs: number;
}

/** What every way into a profile needs. All but `folder` and `network` have production defaults. */
export interface ProfileOptions {
  /** The profile's own folder; one account, one engine at a time. */
  readonly folder: string;
  readonly network: AnyNetworkFile;
  /** Needed to open a locked profile; for a new one, locks it from the start. */
  readonly passphrase?: string | undefined;
  readonly log?: Logger | undefined;
  /** Closes the engine when it aborts. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  /** How HTTPS requests leave this machine. */
  readonly transport?: Transport | undefined;
  readonly polling?: Partial<Polling> | undefined;
  /** How long requests may take, and how often routes and directory are renewed. */
  readonly timings?: Partial<Timings> | undefined;
}

/** What a profile that is made just now needs. */
export interface NewProfileOptions extends ProfileOptions {
  /** Becomes the setting `proxy` of the profile before its first connection. */
  readonly proxy?: ProxySetting | undefined;
}
