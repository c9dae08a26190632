/** How long a keystroke in a note takes to a teammate: two hosts, a relay, a client on each, all on loopback. */
import path from 'node:path';
import { WebsocketProvider } from 'y-websocket';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { daybook, serve, temporaryFolder } from '../processes.ts';
import { median } from './load.ts';

const note = 'note/experiment-0';

interface Editor {
  text: Y.Text;
  close(): void;
}

async function editor(host: string): Promise<Editor> {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`${host.replace('http', 'ws')}/sync`, note, doc, {
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
    disableBc: true,
  });
  await new Promise<void>((resolve) => provider.once('sync', () => resolve()));
  return {
    text: doc.getText('text'),
    close: () => {
      provider.destroy();
      doc.destroy();
    },
  };
}

function arrives(text: Y.Text, mark: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!text.toString().endsWith(mark)) return;
      text.unobserve(look);
      resolve();
    };
    text.observe(look);
    look();
  });
}

/** Milliseconds from an insertion at one person's client to its arrival at the other's; median of 200, alternating. */
export async function editToTeammate(): Promise<number> {
  const folder = await temporaryFolder();
  const relay = await serve('relay', '--data', path.join(folder.path, 'relay'), '--port', '0');
  const invite = (await daybook('invite', '--data', path.join(folder.path, 'relay'))).stdout.trim();
  const hosts = await Promise.all(
    ['a', 'b'].map((name) => serve('host', '--workspace', path.join(folder.path, name), '--port', '0', '--team', invite, '--no-open')),
  );
  const editors = await Promise.all(hosts.map((host) => editor(host.url)));
  const [a, b] = editors as [Editor, Editor];
  a.text.insert(0, 'start');
  await arrives(b.text, 'start');
  const times: number[] = [];
  for (let round = 0; round < 200; round++) {
    const [from, to] = round % 2 === 0 ? [a, b] : [b, a];
    const mark = `·${round}`;
    const start = performance.now();
    from.text.insert(from.text.length, mark);
    await arrives(to.text, mark);
    times.push(performance.now() - start);
  }
  for (const each of editors) each.close();
  await Promise.all(hosts.map((host) => host.stop()));
  await relay.stop();
  await folder.remove();
  return median(times);
}
