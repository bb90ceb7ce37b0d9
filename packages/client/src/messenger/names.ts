import { EngineError } from '../engine.ts';
import { NameFailure, type NameFailureReason, type NameNodes, resolveName } from '../network/name-lookup.ts';

const CODES = {
  malformed: 'bad-name',
  unknown: 'not-found',
  'no-names': 'no-names',
  contradictory: 'network-unreachable',
  unreachable: 'network-unreachable',
  stopped: 'closed',
} as const satisfies Record<NameFailureReason, EngineError['code']>;

/** The account id of a name (messages §11). @throws EngineError `bad-name`, `not-found`, `no-names`, `network-unreachable`, `closed` */
export async function lookUpName(name: string, nodes: NameNodes, signal: AbortSignal): Promise<string> {
  try {
    return await resolveName(name, nodes, signal);
  } catch (error) {
    if (error instanceof NameFailure) throw new EngineError(CODES[error.reason], error.message);
    throw error;
  }
}
