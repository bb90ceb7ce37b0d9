import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';

/** The end of a connection that another process of this machine holds. */
interface LoopbackEnd {
  readonly remotePort?: number | undefined;
  readonly localPort?: number | undefined;
}

/** Linux lists every TCP socket here, with the user that it belongs to. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/**
 * Whether the process at the other end of a loopback connection runs as the same user as this one. On Linux the system
 * tells; where it does not, the answer is yes, and only the link's token decides. Without this, another user of the
 * machine who sees the link in the list of processes while the browser starts could be faster than the browser.
 */
export async function isSameUser({ remotePort, localPort }: LoopbackEnd): Promise<boolean> {
  const own = process.getuid?.();
  if (process.platform !== 'linux' || own === undefined || remotePort === undefined || localPort === undefined)
    return true;
  for (const table of TABLES) {
    const text = await readFile(table, 'utf8').catch(() => '');
    const owner = ownerOf(text, remotePort, localPort);
    if (owner !== null) return owner === own;
  }
  return true;
}

/** The user id of the socket on 127.0.0.1 with this port whose other end is that port; `null` if the table lacks it. */
export function ownerOf(table: string, port: number, otherPort: number): number | null {
  const local = endOf(port);
  const remote = endOf(otherPort);
  for (const line of table.split('\n')) {
    const [, localEnd, remoteEnd, , , , , owner] = line.trim().split(/\s+/);
    if (localEnd?.endsWith(local) && remoteEnd?.endsWith(remote) && owner !== undefined) return Number(owner);
  }
  return null;
}

/** 127.0.0.1 and a port as the table writes them, also at the end of an IPv4 address inside IPv6. */
function endOf(port: number): string {
  const address = endianness() === 'LE' ? '0100007F' : '7F000001';
  return `${address}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}
