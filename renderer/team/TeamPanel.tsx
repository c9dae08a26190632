/** What opens from the status line: the team this workspace is in, or the one field needed to join one. */
import { Button, InputGroup, TextArea } from '@blueprintjs/core';
import { useState } from 'react';
import { useApp, useConnection, useMe } from '../state/context.tsx';
import { messageOf } from '../state/errors.ts';
import { initials } from '../state/presence.ts';
import { formatClock, formatCount } from '../ui/format.ts';
import { Avatar, useNow } from '../ui/widgets.tsx';

export function TeamPanel() {
  const relay = useConnection((state) => state.sync?.relay);
  return <section className="team-panel">{!relay || relay.state === 'none' ? <Join /> : <Membership />}</section>;
}

function Join() {
  const { connection, presence } = useApp();
  const me = useMe();
  const [invite, setInvite] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const join = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await connection.join(invite.trim(), me.name || undefined);
    } catch (failure) {
      setError(messageOf(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void join();
      }}
    >
      <h3>Not shared</h3>
      <p>Everything stays on this machine. With an invite, experiments and notes here and at your teammates become one.</p>
      <label>
        <span>Invite</span>
        <TextArea
          fill
          autoFocus
          rows={3}
          className="mono"
          placeholder="daybook://join#…"
          value={invite}
          spellCheck={false}
          intent={error ? 'danger' : 'none'}
          onChange={(event) => setInvite(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') {
              event.preventDefault();
              event.currentTarget.form?.requestSubmit();
            }
          }}
        />
      </label>
      <label>
        <span>Your name, as teammates see it</span>
        <InputGroup value={me.name} maxLength={100} onValueChange={(name) => presence.rename(name)} />
      </label>
      {error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      <Button type="submit" intent="primary" fill disabled={invite.trim() === ''} loading={busy} text="Join the team" />
      <p className="hint">
        Whoever runs the relay makes invites with <code>daybook invite</code>.
      </p>
    </form>
  );
}

function Membership() {
  const { connection, notices } = useApp();
  const relay = useConnection((state) => state.sync?.relay);
  const me = useMe();
  const now = useNow(15_000);
  const [leaving, setLeaving] = useState(false);
  if (!relay) return null;
  const leave = async (): Promise<void> => {
    try {
      await connection.leave();
    } catch (failure) {
      notices.getState().show({ kind: 'failed', text: messageOf(failure) });
    }
  };
  return (
    <>
      <h3>{relay.team ?? 'Your team'}</h3>
      {relay.url && <p className="mono team-url">{relay.url}</p>}
      <dl className="facts">
        <dt>Relay</dt>
        <dd>{stateWords[relay.state]}</dd>
        <dt>Not yet shared</dt>
        <dd>{relay.unshared === 0 ? 'nothing' : formatCount(relay.unshared, 'change')}</dd>
        <dt>To fetch</dt>
        <dd>{relay.missing === 0 ? 'nothing' : formatCount(relay.missing, 'file')}</dd>
        <dt>All shared at</dt>
        <dd>{relay.sharedAt ? formatClock(relay.sharedAt, now) : 'not yet'}</dd>
        <dt>You</dt>
        <dd className="team-you">
          <Avatar name={me.name} letters={initials(me.name)} color={me.color} /> {me.name || 'No name yet'}
        </dd>
      </dl>
      {relay.message && <p className={relay.state === 'refused' ? 'field-error' : undefined}>{relay.message}</p>}
      {leaving ? (
        <>
          <p>What is here stays here. Changes made after leaving reach nobody{relay.unshared > 0 ? `, and ${formatCount(relay.unshared, 'change')} made so far will not either` : ''}.</p>
          <div className="team-actions">
            <Button text="Stay" onClick={() => setLeaving(false)} />
            <Button intent="danger" text="Leave the team" onClick={() => void leave()} />
          </div>
        </>
      ) : (
        <Button variant="minimal" text="Leave the team…" onClick={() => setLeaving(true)} />
      )}
    </>
  );
}

const stateWords: Record<string, string> = {
  offline: 'does not answer',
  connecting: 'connecting',
  online: 'connected',
  refused: 'refuses this member',
};
