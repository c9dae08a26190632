/** The list of experiments: search, counts, what is running, and the field that makes a new one. */
import { InputGroup } from '@blueprintjs/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import { NavLink, useMatch, useNavigate } from 'react-router';
import type { ExperimentRow } from '#contract';
import { useApp, useCommand, useConnection, useExperiments } from '../state/context.tsx';
import { messageOf } from '../state/errors.ts';
import { PlusIcon, SearchIcon } from '../ui/icons.tsx';
import { Skeleton, StatusDot } from '../ui/widgets.tsx';

export function Sidebar() {
  const rows = useExperiments((state) => state.rows);
  const error = useExperiments((state) => state.error);
  const workspace = useConnection((state) => state.workspace?.name);
  const [search, setSearch] = useState('');
  const [creating, setCreating] = useState(false);
  useCommand('new-experiment', () => setCreating(true));
  const active = useMemo(() => rows?.filter(({ deletedAt }) => deletedAt === undefined), [rows]);
  const found = useMemo(() => active?.filter(({ name }) => name.toLowerCase().includes(search.trim().toLowerCase())), [active, search]);
  return (
    <aside className="sidebar" aria-label="Experiments">
      <div className="sidebar-workspace" title="Workspace">
        {workspace ?? '\u00a0'}
      </div>
      <div className="sidebar-head">
        <h2>Experiments</h2>
        <span className="sidebar-count tabular">{active?.length ?? ''}</span>
        <button type="button" className="copy" title="New experiment" aria-label="New experiment" onClick={() => setCreating(true)}>
          <PlusIcon />
        </button>
      </div>
      {creating && <NewExperiment taken={rows ?? []} onDone={() => setCreating(false)} />}
      {(active?.length ?? 0) > 7 && (
        <div className="sidebar-search">
          <InputGroup
            size="small"
            leftElement={<SearchIcon />}
            placeholder="Find"
            aria-label="Find an experiment"
            value={search}
            onValueChange={setSearch}
            onKeyDown={(event) => event.key === 'Escape' && setSearch('')}
          />
        </div>
      )}
      <ul className="sidebar-list">
        {found?.map((row) => <ExperimentLink key={row.id} row={row} />)}
        {found?.length === 0 && search !== '' && <li className="sidebar-note">None is called like that.</li>}
        {!rows && !error && [120, 168, 96].map((width) => (
          <li key={width} className="sidebar-item">
            <Skeleton width={width} />
          </li>
        ))}
        {!rows && error && <li className="sidebar-note">{error}</li>}
      </ul>
    </aside>
  );
}

function ExperimentLink({ row }: { row: ExperimentRow }) {
  const { runs } = useApp();
  const runId = useMatch('/runs/:runId')?.params.runId;
  const holdsRun = runId !== undefined && runs.get(runId)?.experimentId === row.id;
  return (
    <li>
      <NavLink to={`/experiments/${row.id}`} className={({ isActive }) => `sidebar-item ${isActive || holdsRun ? 'active' : ''}`} title={row.name}>
        <span className="sidebar-name">{row.name}</span>
        {row.runningRuns > 0 && <StatusDot tone="live" label={`${row.runningRuns} running`} />}
        <span className="sidebar-count tabular">{row.activeRuns > 0 ? row.activeRuns.toLocaleString('en-US') : ''}</span>
      </NavLink>
    </li>
  );
}

/** A field that makes an experiment and goes there; the name is checked while it is typed. */
function NewExperiment({ taken, onDone }: { taken: readonly ExperimentRow[]; onDone: () => void }) {
  const { experiments } = useApp();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [error, setError] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const clash = taken.find((row) => row.name === name.trim());
  const problem = clash ? (clash.deletedAt === undefined ? 'There is one of this name.' : 'One of this name is in the trash; restore it instead.') : error;
  const create = async (): Promise<void> => {
    try {
      const made = await experiments.create(name.trim());
      onDone();
      void navigate(`/experiments/${made.id}`);
    } catch (failure) {
      setError(messageOf(failure));
    }
  };
  return (
    <form
      className="sidebar-new"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() && !clash) void create();
      }}
    >
      <InputGroup
        inputRef={field}
        size="small"
        placeholder="Name of the experiment"
        aria-label="Name of the new experiment"
        maxLength={500}
        value={name}
        intent={problem ? 'danger' : 'none'}
        onValueChange={(value) => {
          setName(value);
          setError(undefined);
        }}
        onBlur={() => name.trim() === '' && onDone()}
        onKeyDown={(event) => event.key === 'Escape' && onDone()}
      />
      {problem && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
