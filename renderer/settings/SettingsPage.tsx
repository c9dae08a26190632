/** The few things a person can set, and what this app is. */
import { InputGroup, SegmentedControl } from '@blueprintjs/core';
import { useApp, useConnection, useMe, useUi } from '../state/context.tsx';
import { initials, personColors } from '../state/presence.ts';
import type { Theme } from '../state/ui.ts';
import { Avatar, CopyButton } from '../ui/widgets.tsx';

export function SettingsPage() {
  const { ui, presence } = useApp();
  const theme = useUi((state) => state.theme);
  const me = useMe();
  const workspace = useConnection((state) => state.workspace);
  return (
    <div className="settings">
      <title>Settings · Daybook</title>
      <header className="title-row">
        <h1>Settings</h1>
      </header>
      <div className="settings-body">
        <section aria-labelledby="settings-looks">
          <h2 id="settings-looks">Looks</h2>
          <div className="setting">
            <span>Theme</span>
            <SegmentedControl
              size="small"
              value={theme}
              onValueChange={(value) => ui.getState().setTheme(value as Theme)}
              options={[
                { label: 'Light', value: 'light' },
                { label: 'Dark', value: 'dark' },
                { label: 'As the system', value: 'system' },
              ]}
            />
          </div>
        </section>
        <section aria-labelledby="settings-you">
          <h2 id="settings-you">You</h2>
          <p>How your cursor and your name look to teammates. Kept on this machine; there is no account.</p>
          <div className="setting">
            <label htmlFor="settings-name">Name</label>
            <InputGroup id="settings-name" value={me.name} maxLength={100} onValueChange={(name) => presence.rename(name)} />
          </div>
          <div className="setting">
            <span>Colour</span>
            <div className="color-row" role="radiogroup" aria-label="Colour">
              {personColors.map((color) => (
                <button
                  key={color}
                  type="button"
                  role="radio"
                  aria-checked={color === me.color}
                  aria-label={color}
                  className="color-choice"
                  style={{ background: color }}
                  onClick={() => presence.recolor(color)}
                />
              ))}
              <Avatar name={me.name} letters={initials(me.name)} color={me.color} />
            </div>
          </div>
        </section>
        {workspace && (
          <section aria-labelledby="settings-workspace">
            <h2 id="settings-workspace">Workspace</h2>
            <dl className="facts">
              <dt>Name</dt>
              <dd>{workspace.name}</dd>
              <dt>Tracking address</dt>
              <dd className="mono">
                {workspace.trackingUri} <CopyButton text={workspace.trackingUri} />
              </dd>
              <dt>This host</dt>
              <dd className="mono">{workspace.hostId}</dd>
              <dt>Daybook</dt>
              <dd>{workspace.version}</dd>
            </dl>
          </section>
        )}
      </div>
    </div>
  );
}
