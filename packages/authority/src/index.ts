export { AuthorityFolder, type Proposal } from './authority-folder.ts';
export type { AuthorityOptions, RunningAuthority } from './authority-options.ts';
export { AuthorityError, type AuthorityErrorCode } from './errors.ts';
export type { Probe } from './members/probe.ts';
export type { Evidence, RoundOutcome } from './round/effects.ts';
export { startVotingAuthority } from './start-authority.ts';
export { type AuthorityStatus, STATUS_PATH, statusSchema } from './status.ts';
export { SuccessionKeeper } from './succession-keeper.ts';
