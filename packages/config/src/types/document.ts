import type { ConfigDescription } from './describe.ts';

/** A page of Markdown with a table of everything that the configs say, from their descriptions. */
export function documentConfigs(configs: readonly ConfigDescription[]): string {
  const pages = configs.map(({ name, namespace, sections }) => {
    const where = namespace === null ? 'never leaves the device' : `namespace ${namespace}`;
    const rows = Object.entries(sections).flatMap(([section, { path, rows: fields }]) =>
      fields.map(({ keys, type, rule, meaning }) => {
        const at = [path, ...keys.map((key) => `\`${key}\``)].filter((part) => part !== '').join(' ');
        return `| ${section} | ${at} | ${type} | ${rule} | ${meaning} |`;
      }),
    );
    return [
      `## ${name} (${where})`,
      '',
      '| section | key | type | rule | meaning |',
      '|---|---|---|---|---|',
      ...rows,
    ].join('\n');
  });
  return [
    '# What configs say',
    '',
    'This page is made from the descriptions in `packages/config/src/types`; a test checks that it is up to date, and',
    '`UPDATE_DOCS=1 ./sotto test unit` writes it. What an absent key means stands in the rule; otherwise it is zero, empty or no.',
    '',
    pages.join('\n\n'),
    '',
  ].join('\n');
}
