/** What keeps a file server from starting. */
export type FilesErrorCode = 'folder' | 'keys' | 'settings' | 'port' | 'store';

/** A file server cannot start; `message` is a sentence for its operator. */
export class FilesError extends Error {
  readonly code: FilesErrorCode;

  constructor(code: FilesErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FilesError';
    this.code = code;
  }
}
