export { CONTENT_ID_LENGTH, contentFileId, isFileId } from './file-id.ts';
export { type FileAddress, formatFileUrl, PUBLIC_FILE_SERVER, parseFileUrl, pointerId } from './file-url.ts';
export {
  LEGACY_IV_BYTES,
  LEGACY_KEY_BYTES,
  type LegacyFile,
  type LegacySecrets,
  legacyPaddedSize,
  MAX_LEGACY_BYTES,
  openLegacy,
  sealLegacy,
} from './legacy.ts';
export { openProfilePicture, PICTURE_IV_BYTES, PICTURE_KEY_BYTES, sealProfilePicture } from './profile-picture.ts';
export { type AuthVerdict, type SignedRequest, signFileRequest, verifyFileRequest } from './request-auth.ts';
export { cutToSize } from './size.ts';
export { runSteps, runStepsResting, type Steps } from './steps.ts';
export { MAX_FILE_BYTES, MAX_STREAM_BYTES, openStream, type StreamFile, sealStream } from './stream.ts';
export { streamPadding, streamSealedSize } from './stream-padding.ts';
export { type StreamPurpose, type StreamSecret, streamSecret } from './stream-secret.ts';
