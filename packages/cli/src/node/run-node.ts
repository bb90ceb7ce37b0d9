import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { becomeNode, NodeError, type ProcessOptions } from '@sotto/node';
import { CommandFailure } from '../failure.ts';

/**
 * Runs a node until it is asked to end. This process becomes the node's, confined to what a node needs; where that cannot be
 * done it starts one and waits. @throws CommandFailure if the node could not start or failed; it has said why.
 */
export async function runNode(options: ProcessOptions): Promise<void> {
  const { program, arguments: words, environment } = become(options);
  const child = spawn(program, words, { stdio: 'inherit', env: environment });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new CommandFailure('The node has ended.', code ?? 1);
}

function become(options: ProcessOptions) {
  try {
    return becomeNode(options);
  } catch (error) {
    throw error instanceof NodeError ? new CommandFailure(error.message) : error;
  }
}
