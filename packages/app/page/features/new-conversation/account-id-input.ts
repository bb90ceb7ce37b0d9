/** What a typed account id is so far (messages §1.1). The engine has the last word; this is to help while typing. */
export type IdProblem = 'length' | 'prefix' | 'digits';

const ID_LENGTH = 66;

/** Without the white space that copying brings along, in lower case. */
export function cleanId(text: string): string {
  return text.replaceAll(/\s+/g, '').toLowerCase();
}

/** What is wrong with a cleaned id, `null` if nothing is. */
export function idProblem(id: string): IdProblem | null {
  if (/[^0-9a-f]/.test(id)) return 'digits';
  if (!id.startsWith('05'.slice(0, id.length))) return 'prefix';
  return id.length === ID_LENGTH ? null : 'length';
}
