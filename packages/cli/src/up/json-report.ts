import { networkId } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import { formatSwarmId } from '@sotto/wire/swarm';
import { printJson } from '../output.ts';
import type { UpReport } from './report.ts';

/** One line of JSON an event on standard output, the first being `ready` (docs/cli.md). */
export function jsonReport(): UpReport {
  let started = false;
  return {
    step() {},
    ready(network, pages, dataFolder) {
      started = true;
      printJson({
        event: 'ready',
        network: {
          file: network.networkFilePath,
          name: network.networkFile.name,
          id: bytesToHex(networkId(network.networkFile)),
        },
        seed: network.seedUrl,
        nodes: network.nodes.map(({ keys, httpsPort, omqPort, swarmId, pid }) => ({
          ed25519: keys.ed25519,
          x25519: keys.x25519,
          host: '127.0.0.1',
          httpsPort,
          omqPort,
          swarm: formatSwarmId(swarmId),
          pid,
        })),
        fileServers: network.fileServers.map(({ listed, pid }) => ({ ...listed, pid })),
        pages,
        data: dataFolder,
      });
    },
    link: (page) => printJson({ event: 'link', ...page }),
    // How the start went is in `ready`.
    network: (event) => started && printJson({ ...event }),
    pageExited: (profile) => printJson({ event: 'page-exited', profile }),
    stopping: () => printJson({ event: 'stopping' }),
    stopped: () => printJson({ event: 'stopped' }),
  };
}
