/** What can be done to runs from the table: each says what it did and how to undo it, or why it could not. */
import type { Run } from '#model';
import type { App } from '../state/context.tsx';
import { messageOf } from '../state/errors.ts';
import { formatCount } from '../ui/format.ts';
import { copyText } from '../ui/widgets.tsx';

export interface RunActions {
  rename(run: Run, name: string): Promise<void>;
  setTag(runIds: readonly string[], key: string, value: string): Promise<void>;
  trash(runIds: readonly string[]): Promise<void>;
  restore(runIds: readonly string[]): Promise<void>;
  copyIds(runIds: readonly string[]): Promise<void>;
}

/** The actions over an app's stores. They never reject. */
export function createRunActions({ runs, notices, selection }: App): RunActions {
  const say = (text: string, undo?: () => Promise<unknown>): void =>
    notices.getState().show({ kind: 'done', text, action: undo && { label: 'Undo', run: () => void attempt(undo) } });
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      notices.getState().show({ kind: 'failed', text: messageOf(error) });
    }
  };
  return {
    rename: (run, name) =>
      attempt(async () => {
        await runs.rename(run.id, name);
        say(`Renamed to ${name}.`, () => runs.rename(run.id, run.name));
      }),
    setTag: (runIds, key, value) =>
      attempt(async () => {
        const before = runIds.map((id) => ({ id, value: runs.get(id)?.tags[key] }));
        await runs.setTag(runIds, key, value);
        say(`${key} set on ${formatCount(runIds.length, 'run')}.`, async () => {
          const without = before.filter((one) => one.value === undefined).map(({ id }) => id);
          if (without.length > 0) await runs.deleteTag(without, key);
          for (const one of before) if (one.value !== undefined) await runs.setTag([one.id], key, one.value);
        });
      }),
    trash: (runIds) =>
      attempt(async () => {
        await runs.remove(runIds);
        selection.getState().check(runIds, false);
        say(`${formatCount(runIds.length, 'run')} in the trash.`, () => runs.restore(runIds));
      }),
    restore: (runIds) =>
      attempt(async () => {
        await runs.restore(runIds);
        selection.getState().check(runIds, false);
        say(`${formatCount(runIds.length, 'run')} restored.`, () => runs.remove(runIds));
      }),
    copyIds: (runIds) =>
      attempt(async () => {
        await copyText(runIds.join('\n'));
        say(runIds.length === 1 ? 'Run id copied.' : `${runIds.length} run ids copied.`);
      }),
  };
}
