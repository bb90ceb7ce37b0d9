import type { CommandModule } from 'yargs';
import { openDataFolder } from '../data-folder.ts';
import { type Finding, machineFindings } from '../doctor/machine.ts';
import { networkFindings } from '../doctor/network.ts';
import { CommandFailure } from '../failure.ts';
import { findNetworkFile } from '../network-file.ts';
import { printJson, say } from '../output.ts';

interface DoctorArguments {
  readonly data: string | undefined;
  readonly network: string | undefined;
  readonly json: boolean;
}

const MARK = { good: '✓', warning: '!', bad: '✗' } as const;

/** `sotto doctor`: what is wrong on this machine or in the network, in plain words; exit code 1 if something is. */
export const doctorCommand: CommandModule<object, DoctorArguments> = {
  command: 'doctor',
  describe: 'Say what is wrong on this machine or in the network, in plain words',
  builder: (parser) =>
    parser
      .option('data', { type: 'string' })
      .option('network', {
        type: 'string',
        requiresArg: true,
        describe: 'Network file or sotto: link; default: the network of sotto up',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON a finding' }),
  async handler(options) {
    const findings: Finding[] = [];
    const report = (finding: Finding) => {
      findings.push(finding);
      if (options.json) printJson({ ...finding });
      else say(`${MARK[finding.state]} ${finding.what}${finding.advice ? `\n  ${finding.advice}` : ''}`);
    };
    const data = openDataFolder(options.data);
    for (const finding of await machineFindings(data)) report(finding);
    try {
      const network = findNetworkFile(data, options.network);
      for (const finding of await networkFindings(network)) report(finding);
    } catch (error) {
      report({ state: 'bad', what: error instanceof Error ? error.message : 'The network file cannot be used.' });
    }
    if (findings.some(({ state }) => state === 'bad'))
      throw new CommandFailure('Something needs your attention, see ✗ above.');
  },
};
