import { encodeContent } from '@sotto/wire/content';

/** The most code points of a text that we send (messages §5.2). */
export const MAXIMUM_BODY = 2000;

/** Our name as it travels with messages. */
export interface OwnProfile {
  readonly name: string;
  /** ms; 0 if it was never set on this device. */
  readonly nameChangedAt: number;
}

/** The encoded Content of a text for somebody else, with our name (messages §3, §5.6). */
export function textContent(body: string, sentAt: number, profile: OwnProfile): Uint8Array {
  return encodeContent({
    dataMessage: { body, ...profileField(profile) },
    sigTimestamp: BigInt(sentAt),
  });
}

/** The encoded Content of the copy for our own devices: it says whom the text was for, and no name (messages §4.3). */
export function copyContent(body: string, sentAt: number, conversationId: string): Uint8Array {
  return encodeContent({ dataMessage: { body, syncTarget: conversationId }, sigTimestamp: BigInt(sentAt) });
}

/** The encoded Content that tells somebody that we accept their request (messages §5.11). */
export function acceptanceContent(sentAt: number, profile: OwnProfile): Uint8Array {
  return encodeContent({
    messageRequestResponse: { isApproved: true, ...profileField(profile) },
    sigTimestamp: BigInt(sentAt),
  });
}

function profileField({ name, nameChangedAt }: OwnProfile) {
  if (name === '') return {};
  return { profile: { displayName: name, lastUpdateSeconds: BigInt(Math.floor(nameChangedAt / 1000)) } };
}
