/**
 * Page tokens: where the next page starts, as the id of the last row sent and, should that row be gone by then, its
 * offset. New rows before it do not shift the pages that follow. Opaque to clients.
 */
import type { Page } from '../queries.ts';
import { invalid } from './errors.ts';
import { filled } from './wire.ts';
import { optionalText, type Fields } from './fields.ts';

export interface PageStart {
  offset: number;
  after?: string;
}

/** Where the request's `page_token` says to start; the beginning without one. */
export function pageStart(fields: Fields): PageStart {
  const token = optionalText(fields, 'page_token');
  if (token === undefined || token === '') return { offset: 0 };
  const [, offset, after] = /^(\d{1,9}):([\w-]*)$/.exec(Buffer.from(token, 'base64url').toString('latin1')) ?? [];
  if (offset === undefined) throw invalid('Invalid page token, could not base64-decode: page_token must be the next_page_token of an earlier answer.');
  return { offset: Number(offset), after: after || undefined };
}

export function pageToken(offset: number, after = ''): string {
  return Buffer.from(`${offset}:${after}`, 'latin1').toString('base64url');
}

/** The rows under their name, with a token when there are more. */
export function pageJson<R extends { id: string }>(name: string, page: Page<R>, toJson: (row: R) => object): object {
  const last = page.rows.at(-1);
  const more = last !== undefined && page.end < page.total;
  return { [name]: filled(page.rows.map(toJson)), next_page_token: more ? pageToken(page.end, last.id) : undefined };
}
