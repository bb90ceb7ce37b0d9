import type { Account } from '@sotto/wire/account';
import type { Random } from '@sotto/wire/bytes';
import { contactLink, readContactLink } from '../account/contact-link.ts';
import { makeContactToken } from '../account/contact-token.ts';
import { cleanName } from '../conversation/profile.ts';
import { type Conversation, EngineError } from '../engine.ts';
import type { Desk } from './desk.ts';
import type { People } from './people.ts';

const DEFAULT_VALIDITY_MS = 30 * 86_400_000;
const LONGEST_VALIDITY_MS = 366 * 86_400_000;

/** Links by which others may write to us at once, without a request. */
export class ContactLinks {
  readonly #desk: Desk;
  readonly #people: People;
  readonly #account: Account;
  readonly #networkId: Uint8Array;
  readonly #random: Random;

  constructor(desk: Desk, people: People, account: Account, networkId: Uint8Array, random: Random) {
    this.#desk = desk;
    this.#people = people;
    this.#account = account;
    this.#networkId = networkId;
    this.#random = random;
  }

  create(validForMs = DEFAULT_VALIDITY_MS): string {
    if (!(validForMs > 0 && validForMs <= LONGEST_VALIDITY_MS)) {
      throw new EngineError('bad-setting', 'a contact link is valid for a year at most');
    }
    const { store, ownId } = this.#desk;
    const token = makeContactToken(this.#account, this.#desk.now() + validForMs, this.#random);
    return contactLink({ accountId: ownId, networkId: this.#networkId, token, name: store.account.profile().name });
  }

  /** Opens the conversation; what we write there carries the token until they show that they accept us, now: they may have forgotten us. */
  open(link: string): Conversation {
    const { accountId, token, name } = readContactLink(link, this.#networkId);
    const { store, ownId } = this.#desk;
    const { id } = this.#people.open(accountId);
    if (id !== ownId) {
      const profileName = this.#desk.conversation(id).profileName ?? cleanName(name);
      this.#desk.set(id, { contactToken: token, profileName });
    }
    return store.conversationView.get(id)!;
  }
}
