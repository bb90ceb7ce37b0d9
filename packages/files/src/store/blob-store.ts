/** Where the bytes of files lie. What a name holds is complete or absent, at any time and after any crash. */
export interface BlobStore {
  /** Durable when it resolves. Replaces what the name held. @throws StoreFull if there is no room */
  write(name: string, bytes: Uint8Array): Promise<void>;
  read(name: string): Promise<Uint8Array | null>;
  has(name: string): Promise<boolean>;
  /** Does nothing for a name that holds nothing. */
  remove(name: string): Promise<void>;
}

/** There is no room for another file; nothing was kept of it. */
export class StoreFull extends Error {
  constructor(options?: ErrorOptions) {
    super('the store is full', options);
    this.name = 'StoreFull';
  }
}
