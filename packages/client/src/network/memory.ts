/** What the network floor keeps over restarts, by name. */
export interface NetworkMemory {
  read(name: string): Uint8Array | null;
  /** Durable when it returns. */
  write(name: string, value: Uint8Array): void;
}

/** Writes what can be found out again: a full disk must not stop us. @returns whether it is kept. */
export function remember(memory: NetworkMemory, name: string, value: string): boolean {
  try {
    memory.write(name, Buffer.from(value));
    return true;
  } catch {
    return false;
  }
}
