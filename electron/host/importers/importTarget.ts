/** Where an import writes: the host's ports, and what every step of an import needs beside them. */
import { DaybookError } from '#contract';
import type { OpenDocument } from '#store';
import type { Catalog, SeriesReader, Tracking } from '../ports.ts';
import { isInside, reasonOf } from './folder.ts';
import type { ImportReport } from './importReport.ts';
import type { Source } from './keyFiles.ts';

export interface ImportTarget {
  catalog: Catalog;
  tracking: Tracking;
  series: SeriesReader;
  /** Opens the workspace document, where registered models are kept; the caller closes it. */
  openWorkspaceDocument(): Promise<OpenDocument>;
}

export interface ImportStep {
  target: ImportTarget;
  source: Source;
  report: ImportReport;
}

/**
 * Runs one part of an import. A refusal of what the source says, or a source file that cannot be read, is reported at
 * `path`; a failing disk or workspace ends the import.
 */
export async function reportRefusal({ source, report }: ImportStep, path: string, part: () => Promise<void>): Promise<void> {
  try {
    await part();
  } catch (error) {
    const isRefusal = error instanceof DaybookError && ['invalid_argument', 'not_found', 'already_exists', 'wrong_state'].includes(error.code);
    const file = (error as NodeJS.ErrnoException).path;
    if (!isRefusal && !(typeof file === 'string' && isInside(source.root, file))) throw error;
    report.skip(path, isRefusal ? error.message : reasonOf(error));
  }
}

/** Of the wanted texts, those that are not there; ones that differ are left as they are and reported. */
export function missingTexts(
  step: ImportStep,
  folder: string,
  wanted: ReadonlyMap<string, string>,
  there: Readonly<Record<string, string>>,
): { key: string; value: string }[] {
  return [...wanted].flatMap(([key, value]) => {
    // A key may be called "constructor".
    if (!Object.hasOwn(there, key)) return [{ key, value }];
    if (there[key] !== value) step.report.skip(`${folder}/${key}`, 'the workspace has another value and keeps it');
    return [];
  });
}
