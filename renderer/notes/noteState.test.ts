import { expect, test } from 'vitest';
import { noteClaim, peopleIn } from './noteState.ts';

test('the note claims only what the host has confirmed', () => {
  expect(noteClaim({ connected: true, loaded: true, unsaved: 0 }).text).toBe('On this disk');
  expect(noteClaim({ connected: true, loaded: true, unsaved: 2 }).text).toBe('Saving…');
  expect(noteClaim({ connected: false, loaded: true, unsaved: 2 }).text).toMatch(/kept in this window/);
  expect(noteClaim({ connected: false, loaded: true, unsaved: 0 }).text).toMatch(/nothing unsaved/);
  expect(noteClaim({ connected: true, loaded: false, unsaved: 0 }).text).toBe('Opening…');
  expect(noteClaim(undefined).text).toBe('Opening…');
});

test('everyone else once, and nothing that is not a person', () => {
  const ada = { name: 'Ada', color: '#3455DB' };
  const states = new Map<number, Record<string, unknown>>([
    [1, { user: { name: 'me', color: '#000000' } }],
    [2, { user: ada }],
    [3, { user: ada }],
    [4, { user: { name: 'Eve', color: 'url(https://example.org)' } }],
    [5, { user: 'x' }],
    [6, {}],
  ]);
  expect(peopleIn(states, 1)).toEqual([ada]);
});
