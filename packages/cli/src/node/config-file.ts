import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { CommandFailure, USAGE_EXIT_CODE } from '../failure.ts';
import {
  configOfEnvironment,
  type NodeSettings,
  settingsOfEnvironment,
  settingsOfOptions,
  settingsOfTable,
} from './settings.ts';

/**
 * All settings of a node: what the command line says goes before the environment, and that before the config file, which is
 * named by `--config` or by `SOTTO_NODE_CONFIG`. @throws CommandFailure with what is wrong and where.
 */
export function gatherSettings(
  options: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv = process.env,
): NodeSettings {
  const config = (options.config as string | undefined) ?? configOfEnvironment(environment);
  return {
    ...(config !== undefined && readConfigFile(resolve(config))),
    ...settingsOfEnvironment(environment),
    ...settingsOfOptions(options),
  };
}

function readConfigFile(path: string): NodeSettings {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandFailure(`Cannot read the config file ${path} (${(error as NodeJS.ErrnoException).code}).`);
  }
  return settingsOfTable(parseToml(text, path), path, dirname(path));
}

function parseToml(text: string, path: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const where = `line ${error.line}, column ${error.column}`;
    throw new CommandFailure(`The config file ${path} is not TOML: ${where}.`, USAGE_EXIT_CODE);
  }
}
