/** What every verb of the command gets: where the app's files are, and how to end with a code. */
import path from 'node:path';
import { InvalidArgumentError } from 'commander';

export interface Cli {
  /** Folder of the installed package or checkout. */
  root: string;
  version: string;
  /** Folder of the built page. */
  page: string;
  /** Exit code of the command, 0 until a verb says otherwise. */
  exitCode: number;
}

/** Option parser: a TCP port, 0 for any free one. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}

/** Option parser: a folder, made absolute. */
export function parseFolder(text: string): string {
  if (text === '') throw new InvalidArgumentError('Give a folder.');
  return path.resolve(text);
}

/** Examples at the end of a verb's help. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}
