import type { NetworkFacts } from '../commands/network-show.ts';
import { printable } from '../output.ts';

const HISTORY_SHOWN = 20;

/** The facts as lines of text for a person. */
export function describeNetwork(facts: NetworkFacts): string[] {
  return [
    `${printable(facts.name)}  (network id ${facts.id})`,
    ...describeDirectory(facts),
    '',
    `Authorities: ${facts.threshold} of ${facts.authorities.length} must sign${changes(facts.successions)}`,
    ...facts.authorities.flatMap(describeAuthority),
    '',
    `Nodes: ${facts.nodes.length}, in ${counted(groups(facts).size, 'group')} that keep the same messages`,
    ...facts.nodes.map(
      ({ key, address, swarm, reachedBy, testedBy }) =>
        `  ${short(key)}  ${address.padEnd(21)}  group ${(swarm ?? 'none').padEnd(16)}  reached by ${reachedBy} of ${testedBy}`,
    ),
    '',
    ...health(facts).map((line) => `! ${line}`),
    ...(health(facts).length === 0 ? ['✓ Everything is in order.'] : []),
    ...(facts.history ? ['', 'Who signed what:', ...facts.history.slice(-HISTORY_SHOWN).map(describeEntry)] : []),
  ];
}

function describeDirectory({ directory }: NetworkFacts): string[] {
  if (!directory) return ['Nobody gives a list of nodes.'];
  const { epoch, validFrom, validUntil } = directory;
  return [`List ${epoch} of ${time(validFrom)}, valid until ${time(validUntil)}`];
}

function describeAuthority({ key, urls, signed, answers, round }: NetworkFacts['authorities'][number]): string[] {
  const last = round ? `last round ${round.epoch}: ${round.result}` : 'no round yet';
  const state = answers ? last : 'does not answer';
  return [`  ${short(key)}  ${urls.join(' ')}  ${signed ? 'signed' : 'did not sign'}; ${state}`];
}

/** What somebody should look at. */
function health({ directory, authorities, nodes, routes, sources, contradictions }: NetworkFacts): string[] {
  const newest = directory?.epoch ?? 0;
  const evidence = new Set(
    authorities.flatMap((each) =>
      each.evidence.map(({ authority, epoch, what }) => `${authority.slice(0, 8)}… in round ${epoch} (${what})`),
    ),
  );
  return [
    ...(directory?.expired ? ['The list is out of date.'] : []),
    ...authorities.filter(({ answers }) => !answers).map(({ key }) => `Authority ${short(key)} does not answer.`),
    ...nodes
      .filter(({ testedBy, reachedBy }) => testedBy > 0 && reachedBy * 2 <= testedBy)
      .map(({ key, address }) => `Node ${short(key)} at ${address} is not reached.`),
    ...(nodes.length > 0 && routes.apart < routes.needed ? [tooClose(routes)] : []),
    ...sources
      .filter(({ epoch }) => epoch !== null && epoch < newest - 1)
      .map(({ url, epoch }) => `${url} is behind, at list ${epoch}.`),
    ...contradictions.map(
      ({ epoch, signers }) => `There is a second list ${epoch}, signed by ${signers.map(short).join(', ')}.`,
    ),
    ...[...evidence].map((what) => `An authority contradicted itself: ${what}.`),
    ...authorities.flatMap(({ key, proposal }) =>
      proposal ? [`Authority ${short(key)} agrees to a change. To agree too: ${agreeing(proposal, authorities)}`] : [],
    ),
  ];
}

/** The command with which another authority agrees to the same change. */
function agreeing(
  proposal: NonNullable<NetworkFacts['authorities'][number]['proposal']>,
  authorities: NetworkFacts['authorities'],
): string {
  const text = ({ key, urls }: { readonly key: string; readonly urls: readonly string[] }) =>
    `${key}@${urls.join('@')}`;
  const before = new Set(authorities.map(text));
  const added = proposal.authorities.map(text).filter((each) => !before.has(each));
  const after = new Set(proposal.authorities.map(({ key }) => key));
  const removed = authorities.filter(({ key }) => !after.has(key)).map(({ key }) => key);
  const changes =
    added.length === 1 && removed.length === 1
      ? [`replace ${removed[0]} ${added[0]}`]
      : [...added.map((each) => `add ${each}`), ...removed.map((key) => `remove ${key}`)];
  const options = `--threshold ${proposal.threshold} --network FILE`;
  return changes.map((change) => `sotto network authority ${change} ${options}`).join(' and ');
}

function tooClose({ relays, needed, apart }: NetworkFacts['routes']): string {
  const needs = `${relays} relays and a mailbox must be in ${needed} different networks, such as 203.0.113.*`;
  return `No message can travel: ${needs}; the nodes are in ${apart}. Add nodes elsewhere.`;
}

function describeEntry({
  epoch,
  validFrom,
  signers,
  nodes,
  conflict,
}: NonNullable<NetworkFacts['history']>[number]): string {
  const what = conflict ? 'CONTRADICTS the list of that number' : `${nodes} nodes`;
  return `  ${epoch}  ${time(validFrom)}  ${what}, signed by ${signers.map(short).join(', ')}`;
}

function groups({ nodes }: NetworkFacts): Set<string> {
  return new Set(nodes.flatMap(({ swarm }) => swarm ?? []));
}

function changes(successions: number): string {
  return successions === 0 ? '' : `, after ${counted(successions, 'change')} of who decides`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function short(key: string): string {
  return `${key.slice(0, 8)}…`;
}

function time(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').slice(0, 16);
}
