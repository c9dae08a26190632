/** Where an import writes: the host's ports, and what every step of an import needs beside them. */
import { DaybookError } from '#contract';
import type { Catalog, SeriesReader, Tracking } from '../ports.ts';
import { isInside, reasonOf } from './folder.ts';
import type { ImportReport } from './importReport.ts';
import type { Source } from './keyFiles.ts';
import type { SourceRegisteredModel } from './registryFolder.ts';

/** Takes registered models; how many models and versions were new. */
export type KeepRegistry = (models: SourceRegisteredModel[]) => Promise<{ models: number; versions: number }>;

export interface ImportTarget {
  catalog: Catalog;
  tracking: Tracking;
  series: SeriesReader;
  /** Where registered models go; without it they are reported as left out. */
  keepRegistry?: KeepRegistry;
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
    if (there[key] === undefined) return [{ key, value }];
    if (there[key] !== value) step.report.skip(`${folder}/${key}`, 'the workspace has another value and keeps it');
    return [];
  });
}
