/**
 * Brings one run of a file store into the workspace: creates it, or adds to the run of that id what it lacks. What the
 * workspace has already is never changed by an import (a person may have edited it), except that a run which was still
 * going takes the end that the source knows by now.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { isOver, type Point, type Run } from '#model';
import type { ArtifactOwner, SeriesColumns } from '../ports.ts';
import type { FoundFile } from './folder.ts';
import { missingTexts, reportRefusal, type ImportStep } from './importTarget.ts';
import { pointTime, readMetricFile } from './metricFile.ts';
import type { SourceRun } from './runFolder.ts';

/** Points handed to the log at once. */
const batchPoints = 20_000;

/** Imports a run into an experiment. `isDeleted`: it goes to the trash, if this import creates it. */
export async function importRun(step: ImportStep, source: SourceRun, experimentId: string, isDeleted: boolean): Promise<void> {
  const { target, report } = step;
  const known = target.catalog.run(source.id);
  const run = known ? await completeRun(step, source, known) : await createRun(step, source, experimentId);
  report.count('runs', 1, known ? 0 : 1);

  const params = missingTexts(step, `${source.folder}/params`, source.params, known?.params ?? {});
  if (params.length > 0) await target.tracking.logBatch(run.id, { params });
  report.count('params', source.params.size, params.length);

  await importPoints(step, source, known);
  await importLinks(step, source, run);
  await importArtifacts(step, `${source.folder}/artifacts`, { kind: 'run', id: run.id }, source.artifacts);
  if (isDeleted && !known) await target.tracking.deleteRun(run.id);
}

async function createRun({ target, report }: ImportStep, source: SourceRun, experimentId: string): Promise<Run> {
  const { meta } = source;
  // The run's name and this tag are one thing; a rename may have changed only the former on disk.
  const tags = new Map(source.tags);
  if (tags.has('mlflow.runName')) tags.set('mlflow.runName', source.name);
  const run = await target.tracking.createRun({
    id: source.id,
    experimentId,
    name: source.name,
    user: meta.user_id ?? tags.get('mlflow.user') ?? '',
    startedAt: meta.start_time ?? 0,
    status: meta.status,
    ...(meta.end_time === undefined ? {} : { endedAt: meta.end_time }),
    tags: Object.fromEntries(tags),
  });
  report.count('tags', tags.size, tags.size);
  return run;
}

async function completeRun(step: ImportStep, source: SourceRun, known: Run): Promise<Run> {
  const { tracking } = step.target;
  const wanted = new Map(source.tags);
  // The name may have been changed in the workspace since.
  wanted.delete('mlflow.runName');
  const tags = missingTexts(step, `${source.folder}/tags`, wanted, known.tags);
  if (tags.length > 0) await tracking.logBatch(known.id, { tags });
  step.report.count('tags', source.tags.size, tags.length);
  const { status, end_time: endedAt } = source.meta;
  if (!isOver(known.status) && isOver(status)) await tracking.updateRun(known.id, { status, ...(endedAt === undefined ? {} : { endedAt }) });
  return known;
}

async function importPoints(step: ImportStep, source: SourceRun, known: Run | undefined): Promise<void> {
  const { target, report } = step;
  let batch: Point[] = [];
  const flush = async (): Promise<void> => {
    const points = batch;
    batch = [];
    if (points.length > 0) await target.tracking.logBatch(source.id, { points });
  };
  for (const file of source.metrics) {
    const key = file.path;
    const name = `${source.folder}/metrics/${key}`;
    const there = known && Object.hasOwn(known.metrics, key) ? await target.series.read(source.id, key) : undefined;
    let previous: Point | undefined;
    let datasets = 0;
    await reportRefusal(step, name, async () => {
      for await (const { points, problems } of readMetricFile(file.absolute, 'run')) {
        let added = 0;
        for (const { line, why } of problems) report.skip(`${name}:${line}`, why);
        for (const { value, step, time, dataset } of points) {
          if (dataset) datasets += 1;
          const point: Point = { key, value, step, time: pointTime(time, source.meta.start_time ?? 0) };
          if ((previous && isSamePoint(previous, point)) || (there && hasPoint(there, point))) continue;
          previous = point;
          added += 1;
          batch.push(point);
          if (batch.length >= batchPoints) await flush();
        }
        report.count('points', points.length, added);
      }
    });
    if (datasets > 0) report.skip(name, `${datasets} points name the dataset they were measured on; the points are in, the names are not`);
  }
  await flush();
}

/** Datasets the run read, models it read and made. */
async function importLinks({ target, report }: ImportStep, source: SourceRun, run: Run): Promise<void> {
  const datasets = source.inputs.filter((input) => !run.inputs.some(({ name, digest }) => name === input.name && digest === input.digest));
  const models = source.modelInputs.filter((id) => !run.modelInputs.some(({ modelId }) => modelId === id));
  if (datasets.length > 0 || models.length > 0) await target.tracking.logInputs(run.id, datasets, models);
  report.count('datasets', source.inputs.length, datasets.length);
  const outputs = source.modelOutputs.filter((output) => !run.modelOutputs.some(({ modelId, step }) => modelId === output.modelId && step === output.step));
  if (outputs.length > 0) await target.tracking.logOutputs(run.id, outputs);
}

/** Stores the files that are not there yet, or whose content is another than there. */
export async function importArtifacts(step: ImportStep, folder: string, owner: ArtifactOwner, files: FoundFile[]): Promise<void> {
  if (files.length === 0) return;
  const { target, report } = step;
  const there = new Map(target.catalog.artifacts(owner).map((artifact) => [artifact.path, artifact]));
  for (const file of files) {
    await reportRefusal(step, `${folder}/${file.path}`, async () => {
      const artifact = there.get(file.path);
      const isThere = artifact !== undefined && artifact.size === file.size && artifact.hash === (await hashOf(file.absolute));
      // Opened here, so that a file nobody may read is told from a workspace nobody can write.
      if (!isThere) await target.tracking.putArtifact(owner, file.path, (await open(file.absolute)).createReadStream());
      report.count('artifacts', 1, isThere ? 0 : 1);
      report.count('artifactBytes', file.size, isThere ? 0 : file.size);
    });
  }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

function isSamePoint(a: Point, b: Point): boolean {
  return a.step === b.step && a.time === b.time && Object.is(a.value, b.value);
}

/** Whether ordered columns hold a point; a repeat of a point says nothing new. */
function hasPoint({ step, time, value }: SeriesColumns, point: Point): boolean {
  let low = 0;
  let high = step.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (step[middle]! < point.step || (step[middle] === point.step && time[middle]! < point.time)) low = middle + 1;
    else high = middle;
  }
  // Points of one step and time are few: looked through one by one, so that the order of NaN does not matter.
  for (; low < step.length && step[low] === point.step && time[low] === point.time; low += 1) if (value[low] === point.value || (Number.isNaN(value[low]) && Number.isNaN(point.value))) return true;
  return false;
}
