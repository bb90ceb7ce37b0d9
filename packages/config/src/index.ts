export { ConfigError, type ConfigErrorCode } from './errors.ts';
export {
  ConfigObject,
  type ConfigOptions,
  type ConfigState,
  type Dump,
  decodeDump,
  type Edits,
  encodeDump,
  type MergeOutcome,
  type Push,
  type Signing,
  type Snapshot,
  type StoredMessage,
} from './object/index.ts';
export type { Packing } from './pack/index.ts';
export type { Changed, Collection } from './types/collection.ts';
export { type Community, communityUrl, normalizeBaseUrl, normalizeRoom, parseCommunityUrl } from './types/community.ts';
export { type Contact, contacts } from './types/contacts.ts';
export { convoInfoVolatile } from './types/convo-info-volatile.ts';
export { type Accessors, accessors, type ConfigDescription } from './types/describe.ts';
export { local } from './types/local.ts';
export type { Disappearing, Picture } from './types/pairs.ts';
export type { PerServer, ServerEntry } from './types/per-server.ts';
export type { Notifications } from './types/scalars.ts';
export type { Clock } from './types/section.ts';
export {
  destroyed,
  type Group,
  type GroupAccess,
  invitedAgain,
  kicked,
  type Removed,
  userGroups,
} from './types/user-groups.ts';
export { profileUpdated, shownPicture, type UserProfile, userProfile } from './types/user-profile.ts';
export { type ConfigAccount, USER_CONFIGS, userConfigOptions } from './user-config.ts';
