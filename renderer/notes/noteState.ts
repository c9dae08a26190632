/** What the note says of its own safety, and who else is in it. */
import { useMemo, useSyncExternalStore } from 'react';
import type * as Y from 'yjs';
import { noteText } from '#model';
import type { Person } from '../state/presence.ts';
import type { Replica, ReplicaState } from '../state/replica.ts';
import type { Tone } from '../ui/widgets.tsx';

/** The words under a note: a claim about where its text is, never a hope. */
export function noteClaim(state: ReplicaState | undefined): { text: string; tone: Tone } {
  if (!state) return { text: 'Opening…', tone: 'hollow' };
  const { connected, loaded, unsaved } = state;
  if (!connected && unsaved > 0) return { text: 'Offline: kept in this window until the host is back', tone: 'warn' };
  if (!connected) return loaded ? { text: 'Offline: nothing unsaved', tone: 'hollow' } : { text: 'Waiting for the host…', tone: 'hollow' };
  if (!loaded) return { text: 'Opening…', tone: 'hollow' };
  return unsaved > 0 ? { text: 'Saving…', tone: 'live' } : { text: 'On this disk', tone: 'good' };
}

/** The note's text as it is now, everyone's edits included. */
export function useNoteText(replica: Replica | undefined): string {
  const source = useMemo(() => (replica ? textSource(replica.doc.getText(noteText)) : emptySource), [replica]);
  return useSyncExternalStore(source.subscribe, source.read);
}

const emptySource = { subscribe: () => () => undefined, read: () => '' };

function textSource(text: Y.Text) {
  let current = text.toString();
  return {
    read: () => current,
    subscribe(changed: () => void) {
      const update = (): void => {
        current = text.toString();
        changed();
      };
      update();
      text.observe(update);
      return () => text.unobserve(update);
    },
  };
}

/** Everyone else who has the note open, each person once however many windows they have. */
export function usePeople(replica: Replica | undefined): readonly Person[] {
  const source = useMemo(() => (replica ? peopleSource(replica.awareness) : noPeople), [replica]);
  return useSyncExternalStore(source.subscribe, source.read);
}

const none: readonly Person[] = [];
const noPeople = { subscribe: () => () => undefined, read: () => none };

function peopleSource(awareness: Replica['awareness']) {
  let current = peopleIn(awareness.getStates(), awareness.clientID);
  return {
    read: () => current,
    subscribe(changed: () => void) {
      const update = (): void => {
        const next = peopleIn(awareness.getStates(), awareness.clientID);
        if (JSON.stringify(next) === JSON.stringify(current)) return;
        current = next;
        changed();
      };
      update();
      awareness.on('change', update);
      return () => awareness.off('change', update);
    },
  };
}

/** People of awareness states, which teammates' windows filled: whatever is not a name and a colour is left out. */
export function peopleIn(states: ReadonlyMap<number, Record<string, unknown>>, self: number): readonly Person[] {
  const people = new Map<string, Person>();
  for (const [client, { user }] of states) {
    if (client === self || typeof user !== 'object' || user === null) continue;
    const { name, color } = user as Partial<Person>;
    if (typeof name !== 'string' || typeof color !== 'string' || !/^#[\da-f]{6}$/i.test(color)) continue;
    people.set(`${name} ${color}`, { name: name.slice(0, 100), color });
  }
  return [...people.values()].sort((a, b) => a.name.localeCompare(b.name));
}
