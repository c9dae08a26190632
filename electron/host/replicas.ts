/**
 * Between the stored documents and the catalog. A document of tables (`workspace`, `experiment/<id>`) that anyone opens
 * (tracking to write, the relay because a page or a teammate syncs) is watched as long as it is open, so that the
 * catalog misses nothing; one that nobody uses is closed after a minute. At start the catalog is filled from the state
 * file when that reflects the newest record of the document, and only otherwise from the document itself.
 *
 *   await replicas.edit(documentName.workspace, (table) => table('experiments').patch(id, { name }));   // durable
 */
import type { Documents, OpenDocument } from '#store';
import { createTable, type Table } from '#model';
import type { LiveCatalog } from './catalog.ts';
import type { Mirror } from './mirror.ts';

/** Transaction origin of what this host's own tracking writes. */
export const trackingOrigin = 'daybook.tracking';

export interface Replicas {
  /** The documents for everyone else: opening one here keeps the catalog informed. */
  documents: Documents;
  /** Fills the catalog with every document there is. */
  loadAll(): Promise<void>;
  /** One transaction on a document's tables; resolves when it is durable. What `change` throws, it throws, nothing written. */
  edit(name: string, change: (table: (name: string) => Table) => void): Promise<void>;
  /** Resolves when everything written to a document so far is durable. */
  durable(name: string): Promise<void>;
  /**
   * A promise like that of `durable` when an edit could not be stored and is only in memory still; else undefined.
   * Whoever acknowledges something that rests on what the document shows waits for it.
   */
  unstored(name: string): Promise<void> | undefined;
  close(): Promise<void>;
}

export interface ReplicasOptions {
  documents: Documents;
  catalog: LiveCatalog;
  mirror: Mirror;
  /** How long an unused document stays open, ms; a minute. */
  idleMs?: number;
}

interface Replica {
  handle: OpenDocument;
  tables: Map<string, Table>;
  users: number;
  idle?: NodeJS.Timeout;
  release(): void;
}

/** Tables that the catalog reads and the state files keep. */
const tablesOf = (name: string): string[] => (name === 'workspace' ? ['experiments', 'members', 'models', 'versions', 'meta'] : ['runs', 'loggedModels', 'meta']);
/** Whether a document is one of tables; the others are prose. */
export const hasTables = (name: string): boolean => name === 'workspace' || name.startsWith('experiment/');

export function createReplicas({ documents, catalog, mirror, idleMs = 60_000 }: ReplicasOptions): Replicas {
  const replicas = new Map<string, Promise<Replica>>();
  /** Documents whose rows the catalog has. */
  const loaded = new Set<string>();
  /** Documents of which an edit is in memory and could not be stored. */
  const behind = new Set<string>();
  let closed = false;

  async function attach(name: string): Promise<Replica> {
    const handle = await documents.open(name);
    const tables = new Map(tablesOf(name).map((table) => [table, createTable(handle.doc, table)]));
    if (!loaded.has(name)) {
      catalog.load(name, [...tables].map(([table, rows]) => [table, rows.all()] as const));
      loaded.add(name);
      mirror.touch(name);
    }
    const undos = [...tables].map(([tableName, table]) =>
      table.observe((changed, origin) => {
        for (const [id, fields] of changed) {
          for (const field of fields) catalog.set(name, tableName, id, field, table.get(id, field), origin === trackingOrigin);
        }
        mirror.touch(name);
      }),
    );
    const release = (): void => {
      for (const undo of undos) undo();
      handle.close();
    };
    mirror.attach(name, {
      rows: () => Object.fromEntries([...tables].map(([table, rows]) => [table, Object.fromEntries(rows.all())])),
      durable: () => handle.durable(),
    });
    return { handle, tables, users: 0, release };
  }

  async function use(name: string): Promise<Replica> {
    let opening = replicas.get(name);
    if (!opening) {
      replicas.set(name, (opening = attach(name)));
      opening.catch(() => replicas.delete(name));
    }
    const replica = await opening;
    replica.users += 1;
    clearTimeout(replica.idle);
    return replica;
  }

  function giveBack(name: string, replica: Replica): void {
    replica.users -= 1;
    if (replica.users > 0 || closed) return;
    const detach = async (): Promise<void> => {
      await mirror.flush(name);
      if (replica.users > 0 || closed) return;
      replicas.delete(name);
      mirror.detach(name);
      replica.release();
    };
    clearTimeout(replica.idle);
    // What cannot be written now stays open and is tried again when the document was used again.
    replica.idle = setTimeout(() => void detach().catch(() => undefined), idleMs).unref();
  }

  async function open(name: string): Promise<OpenDocument> {
    if (!hasTables(name)) return documents.open(name);
    const replica = await use(name);
    try {
      const handle = await documents.open(name);
      let open = true;
      return {
        name,
        doc: handle.doc,
        durable: () => handle.durable(),
        onStored: (listener) => handle.onStored(listener),
        close() {
          if (!open) return;
          open = false;
          handle.close();
          giveBack(name, replica);
        },
      };
    } catch (error) {
      giveBack(name, replica);
      throw error;
    }
  }

  async function stored(name: string, replica: Replica): Promise<void> {
    try {
      await replica.handle.durable();
      behind.delete(name);
    } catch (error) {
      behind.add(name);
      throw error;
    }
  }

  async function durable(name: string): Promise<void> {
    const replica = await replicas.get(name);
    if (replica) await stored(name, replica);
    // It was let go of, which is done when it is stored.
    else behind.delete(name);
  }

  return {
    documents: { ...documents, open },

    async loadAll() {
      for (const name of new Set(['workspace', ...documents.names().filter(hasTables)])) {
        const rows = await mirror.read(name);
        if (rows) {
          catalog.load(name, Object.entries(rows).map(([table, byId]) => [table, Object.entries(byId)] as const));
          loaded.add(name);
        } else giveBack(name, await use(name));
      }
    },

    async edit(name, change) {
      const replica = await use(name);
      try {
        replica.handle.doc.transact(() => change((table) => replica.tables.get(table)!), trackingOrigin);
        await stored(name, replica);
      } finally {
        giveBack(name, replica);
      }
    },

    durable,
    unstored: (name) => (behind.has(name) ? durable(name) : undefined),

    async close() {
      closed = true;
      const open = await Promise.allSettled(replicas.values());
      for (const result of open) {
        if (result.status === 'rejected') continue;
        clearTimeout(result.value.idle);
        result.value.release();
      }
      replicas.clear();
    },
  };
}
