/** What to tell a person about a failure. */
import { DaybookError } from '#contract';

/** One sentence; never a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the host was away rather than unwilling, so that waiting helps. */
export function isAway(error: unknown): boolean {
  return error instanceof DaybookError && error.code === 'unavailable';
}
