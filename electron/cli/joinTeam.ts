/** What `--team INVITE` does each time a host starts with it. */
import { userInfo } from 'node:os';
import { DaybookError, type SyncStatus } from '#contract';
import { readInvite } from '#relay';

/** The part of a host's team that joining takes. */
export interface Joinable {
  join(invite: string, name?: string): Promise<unknown>;
  status(): SyncStatus['relay'];
}

const retryMs = 5000;

/**
 * Joins the team of an invite; nothing to do when the workspace is in that team already, as after a restart. While the
 * relay cannot be reached the host works alone and tries again; `log` is told. DaybookError or AccessError when the
 * invite is refused, `wrong_state` when the workspace is in another team. Returns what stops the trying.
 */
export async function joinTeam(team: Joinable, invite: string, log: (line: string) => void): Promise<() => void> {
  const wanted = readInvite(invite);
  const { state, url, team: current } = team.status();
  if (state !== 'none') {
    if (url === wanted.relay && current === wanted.team) return () => undefined;
    throw new DaybookError('wrong_state', `This workspace is in the team "${current}" of ${url} already. Leave that one first (in the app: Team), or start without --team.`, 'team');
  }
  const attempt = async (): Promise<boolean> => {
    try {
      await team.join(invite, displayName());
      return true;
    } catch (error) {
      if (error instanceof DaybookError && error.code === 'unavailable') return false;
      throw error;
    }
  };
  if (await attempt()) return () => undefined;
  log(`The team’s relay ${wanted.relay} cannot be reached; this host works alone and keeps trying to join.`);
  const retry = setInterval(() => {
    attempt().then(
      (isDone) => {
        if (!isDone) return;
        clearInterval(retry);
        log(`Joined the team "${wanted.team}".`);
      },
      (error: Error) => {
        clearInterval(retry);
        log(`The team could not be joined: ${error.message}`);
      },
    );
  }, retryMs).unref();
  return () => clearInterval(retry);
}

function displayName(): string {
  try {
    return userInfo().username;
  } catch {
    // Some containers run under a user id without a name.
    return '';
  }
}
