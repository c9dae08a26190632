/**
 * The door of the relay (`#relay`).
 *   createRelay    rooms over documents, for a server that has its own door: every host runs one for its pages
 *   startRelay     the stand-alone relay of a team, with its own HTTP door and data folder
 *   createInvite, revoke, readInvite, tokenChallenge    who may come in; see `auth.ts`
 */
export { AccessError, createInvite, inviteScheme, readInvite, revoke, tokenChallenge, type InviteOptions } from './auth.ts';
export { maxFrameBytes, type Limits, type Role } from './guard.ts';
export { startRelay, type RunningRelay, type StartRelayOptions } from './main.ts';
export type { PresenceLink } from './room.ts';
export { createRelay, type Relay, type RelayOptions } from './rooms.ts';
