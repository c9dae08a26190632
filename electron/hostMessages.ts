/** What a host process and the shell that started it say to each other. */
import { z } from 'zod';

const schema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), url: z.url() }),
  z.object({ type: z.literal('failed'), code: z.string(), message: z.string() }),
]);

/** From the host, once: its address, or why it cannot start. */
export type HostMessage = z.output<typeof schema>;

/** From the shell: flush, close and exit. */
export interface CloseMessage {
  type: 'close';
}

/** A message as one of the known kinds; undefined for anything else. */
export function hostMessage(raw: unknown): HostMessage | undefined {
  const parsed = schema.safeParse(raw);
  return parsed.success ? parsed.data : undefined;
}
