import type { Database } from '../store/database.ts';

/** Around the found words, in words. */
const SNIPPET_WORDS = 24;
/** Stand around a found word; they mean nothing in any text. */
const MARK = '\u{FDD0}';
const END_MARK = '\u{FDD1}';
const MARKS = new RegExp(`[${MARK}${END_MARK}]`, 'u');

/** Part of a text; `marks` are [start, end) UTF-16 offsets of the found words in it. */
export interface Snippet {
  readonly snippet: string;
  readonly marks: readonly (readonly [number, number])[];
}

/**
 * What to show of texts in which an expression of FTS5 was found, by their numbers. Only these texts are looked at, in a
 * small index in memory of their own: the large one would go through all of its words again for each of them.
 */
export function snippetsOf(
  database: Database,
  texts: ReadonlyMap<number, string>,
  expression: string,
): Map<number, Snippet> {
  database.script(
    `CREATE VIRTUAL TABLE IF NOT EXISTS temp.found_text USING fts5 (body, tokenize = 'signal_tokenizer'); DELETE FROM temp.found_text`,
  );
  try {
    for (const [id, text] of texts) {
      database.run('INSERT INTO temp.found_text (rowid, body) VALUES (@id, @body)', { id, body: unmarked(text) });
    }
    const rows = database.all(
      `SELECT rowid AS id, snippet(found_text, 0, @mark, @endMark, '…', ${SNIPPET_WORDS}) AS marked
       FROM temp.found_text WHERE found_text MATCH @expression`,
      { expression, mark: MARK, endMark: END_MARK },
    );
    return new Map(rows.map(({ id, marked }) => [id as number, parsed(marked as string)]));
  } finally {
    database.script('DELETE FROM temp.found_text');
  }
}

function unmarked(text: string): string {
  return text.replaceAll(MARK, '\u{FFFD}').replaceAll(END_MARK, '\u{FFFD}');
}

function parsed(marked: string): Snippet {
  let snippet = '';
  const marks: [number, number][] = [];
  // Every other part is inside marks.
  for (const [index, part] of marked.split(MARKS).entries()) {
    if (index % 2 === 1) marks.push([snippet.length, snippet.length + part.length]);
    snippet += part;
  }
  return { snippet, marks };
}
