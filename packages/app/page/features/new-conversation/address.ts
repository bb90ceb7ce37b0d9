import { cleanId, type IdProblem, idProblem } from './account-id-input.ts';

/** What a person typed, pasted or scanned to reach somebody. The engine has the last word. */
export type Address =
  | { readonly kind: 'empty' }
  | { readonly kind: 'id'; readonly id: string; readonly problem: IdProblem | null }
  /** A contact link. */
  | { readonly kind: 'link'; readonly link: string }
  /** A link to a network, which is no person. */
  | { readonly kind: 'network' }
  /** Perhaps a name of the network's name service (messages §11). */
  | { readonly kind: 'name'; readonly name: string };

const NAME = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/;
/** Nobody types that much of a name. */
const LONG = 40;

/** Makes out what a text is. */
export function readAddress(text: string): Address {
  const clean = cleanId(text);
  if (clean === '') return { kind: 'empty' };
  if (clean.startsWith('sotto:network/')) return { kind: 'network' };
  if (clean.startsWith('sotto:')) return { kind: 'link', link: clean };
  const startsLikeId = clean.startsWith('05') || /^0[0-9a-f]*$/.test(clean) || clean.length >= LONG;
  if (!startsLikeId && NAME.test(clean)) return { kind: 'name', name: clean };
  return { kind: 'id', id: clean, problem: idProblem(clean) };
}
