import type { Message } from './message.ts';

/** What to look for, and where. */
export interface SearchQuery {
  /** Words; all must occur, the last one as a beginning. */
  readonly text: string;
  readonly conversationId?: string;
  /** Account id of the author. */
  readonly author?: string;
  /** Sent in [after, before), ms. */
  readonly after?: number;
  readonly before?: number;
  readonly hasAttachment?: boolean;
  /** 1–200, default 50. */
  readonly limit?: number;
}

/** A message that was found. `snippet` is part of its text; `marks` are [start, end) UTF-16 offsets of the found words in it. */
export interface SearchHit {
  readonly message: Message;
  readonly snippet: string;
  readonly marks: readonly (readonly [number, number])[];
}
