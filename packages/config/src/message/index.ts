export { decodeMessage } from './decode-message.ts';
export { type Draft, draftAfter, emptyMessage, finishDraft } from './draft.ts';
export { type Fate, type Merged, mergeMessages } from './merge.ts';
export { type ConfigMessage, LAG } from './message.ts';
