/**
 * Which documents exist and which tables each has. A table is one Y.Map whose keys are `id/field`;
 * each field is a last-writer-wins register holding plain JSON. What a person may edit is a field of its
 * own; what only a script produces is one value, and once it grows, a chunk.
 *
 *   workspace            experiments   name, artifactLocation, createdAt, updatedAt, tag.*, deletedAt
 *                        members       name, color, hosts, joinedAt
 *                        models        (registered) description, tag.*, alias.*          kept for later
 *                        versions      model, number, run, source, tag.*, createdAt      kept for later
 *                        meta          format, minReader
 *   experiment/<id>      runs          name, status, startedAt, endedAt, user, host, tag.*, deletedAt,
 *                                      params.<host>     { key: value }
 *                                      summary.<host>    { key: [value, step, time, min, max, count] }
 *                                      series.<host>     [{ chunk, points, at }]
 *                                      sealed.<host>     number: facts of that host's log up to it stand in these fields
 *                                      artifacts.<host>  { path: [hash, size, at] }    an empty hash: deleted
 *                                      request           [hash, at] of the request that made it, until anything else is written
 *                                      inputs, modelInputs, modelOutputs
 *                        loggedModels  name, modelType, sourceRunId, status, createdAt, updatedAt, tag.*, deletedAt,
 *                                      params.<host>, artifacts.<host>
 *                        meta          format, minReader
 *   note/<id>            Y.Text "text" (Markdown). <id> is `run-<runId>` or `experiment-<experimentId>`
 *
 * Numbers that JSON has no word for (NaN, ±Infinity) are stored as the strings "NaN", "Infinity", "-Infinity".
 * A row without its required field (`name` for experiments and logged models, `startedAt` for runs) does not exist;
 * only experiment "0" (Default) exists everywhere from the start, with or without a row.
 */
export const documentFormat = 1;

export const documentName = {
  workspace: 'workspace',
  experiment: (id: string) => `experiment/${id}`,
  runNote: (runId: string) => `note/run-${runId}`,
  experimentNote: (experimentId: string) => `note/experiment-${experimentId}`,
} as const;

/** The name of the Y.Text in a note document. */
export const noteText = 'text';

const documentNamePattern = /^(workspace|experiment\/[\w-]{1,64}|(note|notebook)\/[\w-]{1,80})$/;

/** Whether a room name is one that this version knows; anything else is refused at the door. */
export function isDocumentName(name: string): boolean {
  return documentNamePattern.test(name);
}
