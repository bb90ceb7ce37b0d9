import { say } from '../output.ts';
import type { UpReport } from './report.ts';

const STEPS = {
  network: 'Starting a private network on this machine …',
  page: 'Preparing the page …',
};

/** Sentences for a person on standard error. */
export function plainReport(): UpReport {
  let started = false;
  return {
    step: (what) => say(STEPS[what]),
    ready(network, pages, dataFolder) {
      started = true;
      const swarms = new Set(network.nodes.map(({ swarmId }) => swarmId)).size;
      say(
        `\nThe network is up: ${network.nodes.length} nodes in ${swarms} swarms. Everything is kept in ${dataFolder}\n`,
      );
      for (const { profile, url } of pages) say(`  ${pages.length > 1 ? `${profile}: ` : ''}${url}`);
      say(`\n${pages.length > 1 ? 'Each link' : 'The link'} works once. Press Enter for a new one, Ctrl-C to end.`);
    },
    link: ({ profile, url }) => say(`  ${profile}: ${url}`),
    network(event) {
      // While it starts, a node that is ready is nothing to report.
      if (event.event === 'node-ready' && started) say(`Node ${event.node + 1} runs again.`);
      if (event.event === 'node-exited') say(`Node ${event.node + 1} has ended; the others go on without it.`);
      if (event.event === 'node-restart-failed') say(`Node ${event.node + 1} could not be started: ${event.reason}`);
      if (event.event === 'file-server-ready' && started) say('The file server runs again.');
      if (event.event === 'file-server-exited') say('The file server has ended; pictures and files wait for it.');
      if (event.event === 'file-server-restart-failed') say(`The file server could not be started: ${event.reason}`);
      if (event.event === 'round-failed') say(`The list of nodes could not be renewed: ${event.reason}`);
    },
    pageExited: (profile) => say(`The messenger of ${profile} has ended and is started again.`),
    stopping: () => say('\nEnding …'),
    stopped: () => say('Ended. Everything is kept for the next time.'),
  };
}
