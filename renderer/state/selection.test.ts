import { describe, expect, it } from 'vitest';
import { createSelection, visibleOf } from './selection.ts';

const rows = Array.from({ length: 30 }, (_, index) => ({ id: `run${index}` }));
const ids = (list: { id: string }[]): string[] => list.map(({ id }) => id);

describe('eyes', () => {
  it('show the first ten runs until somebody says otherwise', () => {
    const selection = createSelection(undefined);
    expect(ids(visibleOf(rows, selection.getState()))).toEqual(ids(rows.slice(0, 10)));
  });

  it('follow single clicks, in table order', () => {
    const selection = createSelection(undefined);
    selection.getState().setEye('run20', true);
    selection.getState().setEye('run3', false);
    expect(ids(visibleOf(rows, selection.getState()))).toEqual(['run0', 'run1', 'run2', 'run4', 'run5', 'run6', 'run7', 'run8', 'run9', 'run20']);
  });

  it('forget clicks when a rule is chosen', () => {
    const selection = createSelection(undefined);
    selection.getState().setEye('run20', true);
    selection.getState().setEyeRule({ kind: 'none' });
    expect(visibleOf(rows, selection.getState())).toEqual([]);
    selection.getState().setEyeRule({ kind: 'all' });
    expect(visibleOf(rows, selection.getState(), 25)).toHaveLength(25);
  });
});

describe('checks', () => {
  it('have nothing to do with eyes', () => {
    const selection = createSelection(undefined);
    selection.getState().check(['run1', 'run2'], true);
    selection.getState().check(['run2'], false);
    expect([...selection.getState().checked]).toEqual(['run1']);
    expect(selection.getState().eyes.size).toBe(0);
  });
});
