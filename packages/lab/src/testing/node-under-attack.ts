import { readFileSync } from 'node:fs';
import type { LabNode } from '../lab-node.ts';
import type { Mailboxes } from './mailboxes.ts';

/** Loopback has as many addresses as an attacker could have; connections of one of them are limited. */
export function loopbackAddress(index: number): string {
  return `127.0.${1 + ((index >> 8) & 0xff)}.${1 + (index & 0x7f)}`;
}

/** Memory that the process of a node takes now, bytes; 0 where the system does not tell (only Linux does). */
export function residentBytes({ pid }: LabNode): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Whether a stranger who comes now is served: stores a message and gets it back. Rejects if not. */
export async function serves(mailboxes: Mailboxes, node: LabNode): Promise<boolean> {
  const owner = mailboxes.owner();
  await mailboxes.store(node, owner, 'Are you there?');
  return (await mailboxes.texts(node, owner))?.length === 1;
}
