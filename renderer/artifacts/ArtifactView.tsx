/** One artifact: its facts, a way to take it along, and a picture of what is in it where that is safe. */
import { Button } from '@blueprintjs/core';
import { useMemo, useState } from 'react';
import type { Artifact } from '#model';
import { Markdown } from '../notes/Markdown.tsx';
import { useApp } from '../state/context.tsx';
import { messageOf } from '../state/errors.ts';
import { formatBytes, formatTime } from '../ui/format.ts';
import { DownloadIcon } from '../ui/icons.tsx';
import { CopyButton, Skeleton } from '../ui/widgets.tsx';
import { refusalOf, useHead } from './bytes.ts';
import { JsonView, parseJson } from './JsonView.tsx';
import { TableView } from './TableView.tsx';
import { TextView } from './TextView.tsx';
import { artifactUrl, largestPreview, textStep, viewerOf } from './viewers.ts';

export function ArtifactView({ runId, artifact }: { runId: string; artifact: Artifact }) {
  const { desktop, notices } = useApp();
  const url = artifactUrl(runId, artifact.path);
  const kind = viewerOf(artifact);
  const name = artifact.path.slice(artifact.path.lastIndexOf('/') + 1);

  const download = async (): Promise<void> => {
    if (artifact.size > largestPreview) {
      // Too large to pass through the page's memory; the browser streams it to the disk.
      const link = document.createElement('a');
      link.href = url;
      link.download = name;
      link.click();
      return;
    }
    try {
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(await refusalOf(answer));
      await desktop.saveFile(name, new Uint8Array(await answer.arrayBuffer()));
    } catch (error) {
      notices.getState().show({ kind: 'failed', text: `${name} was not saved: ${messageOf(error)}` });
    }
  };

  return (
    <section className="artifact-view" aria-label={artifact.path}>
      <header>
        <h2 title={artifact.path}>{name}</h2>
        <span>{formatBytes(artifact.size)}</span>
        <span>{formatTime(artifact.at)}</span>
        <span className="artifact-space" />
        <span className="mono" title={`SHA-256 ${artifact.hash}`}>
          {artifact.hash.slice(0, 8)}
        </span>
        <CopyButton text={artifact.path} label="Copy the path" />
        <Button size="small" icon={<DownloadIcon />} text="Download" onClick={() => void download()} />
      </header>
      {kind === 'image' ? <ImageView url={url} name={name} /> : kind === 'none' ? <NoPreview artifact={artifact} /> : <ReadableView runId={runId} artifact={artifact} kind={kind} url={url} />}
    </section>
  );
}

interface ReadableViewProps {
  runId: string;
  artifact: Artifact;
  kind: 'text' | 'json' | 'table' | 'markdown';
  url: string;
}

/** Everything that is text: as itself, or as what it means when all of it is here. */
function ReadableView({ runId, artifact, kind, url }: ReadableViewProps) {
  const { desktop } = useApp();
  const [asText, setAsText] = useState(false);
  const head = useHead(url, artifact.size, textStep);
  const text = useMemo(() => head.bytes && new TextDecoder().decode(head.bytes), [head.bytes]);
  const json = useMemo(() => (kind === 'json' && head.complete && text !== undefined ? parseJson(text) : undefined), [kind, head.complete, text]);

  if (text === undefined) return head.error ? <p className="view-error">{head.error}</p> : <TextSkeleton />;
  const binary = text.slice(0, 4096).includes('\0');
  if (binary) return <NoPreview artifact={artifact} />;
  const rich = kind === 'table' || kind === 'markdown' || json !== undefined;
  const folder = artifact.path.slice(0, artifact.path.lastIndexOf('/') + 1);

  return (
    <>
      {rich ? (
        <div className="view-choice" role="group" aria-label="Show as">
          <button type="button" aria-pressed={!asText} onClick={() => setAsText(false)}>
            {kind === 'table' ? 'Table' : kind === 'json' ? 'Tree' : 'Page'}
          </button>
          <button type="button" aria-pressed={asText} onClick={() => setAsText(true)}>
            Text
          </button>
        </div>
      ) : null}
      {asText || !rich ? (
        <div className="view-scroll">
          <TextView text={text} />
          {head.complete ? null : (
            <p className="view-more">
              {formatBytes(head.bytes?.length ?? 0)} of {formatBytes(artifact.size)}
              <Button size="small" text={head.reading ? 'Reading…' : 'Load more'} disabled={head.reading} onClick={head.more} />
            </p>
          )}
          {head.error ? <p className="view-error">{head.error}</p> : null}
        </div>
      ) : kind === 'table' ? (
        <TableView text={text} delimiter={artifact.path.toLowerCase().endsWith('.tsv') ? '\t' : ''} complete={head.complete} />
      ) : json !== undefined ? (
        <div className="view-scroll">
          <JsonView value={json} />
        </div>
      ) : (
        <div className="view-scroll view-page">
          <Markdown text={text} ownImage={(src) => artifactUrl(runId, folder + src)} onLink={(href) => void desktop.openExternal(href)} />
        </div>
      )}
    </>
  );
}

/** Pictures only ever stand in <img>, where nothing in them can run, SVG included. */
function ImageView({ url, name }: { url: string; name: string }) {
  const [size, setSize] = useState<{ width: number; height: number }>();
  const [actual, setActual] = useState(false);
  const [broken, setBroken] = useState(false);
  if (broken) return <p className="view-error">This picture cannot be drawn. Its bytes may be damaged or still at a teammate’s.</p>;
  return (
    <div className="image-view" data-actual={actual}>
      <button type="button" onClick={() => setActual(!actual)} title={actual ? 'Fit to the page' : 'Actual size'}>
        <img
          src={url}
          alt={name}
          onLoad={(event) => setSize({ width: event.currentTarget.naturalWidth, height: event.currentTarget.naturalHeight })}
          onError={() => setBroken(true)}
        />
      </button>
      {size ? <p className="view-note">{size.width} × {size.height} px</p> : null}
    </div>
  );
}

function NoPreview({ artifact }: { artifact: Artifact }) {
  const large = artifact.size > largestPreview;
  return (
    <div className="view-none">
      <strong>{large ? 'Too large to show here' : 'Not a kind of file that is shown here'}</strong>
      <p>{large ? `Files over ${formatBytes(largestPreview)} can be downloaded.` : 'Models and other binary files are never opened, because some formats run code when they are read. Download it to open it yourself.'}</p>
    </div>
  );
}

function TextSkeleton() {
  return (
    <div className="view-scroll" aria-busy="true" style={{ padding: 16, display: 'grid', gap: 8, alignContent: 'start' }}>
      {[62, 48, 71, 35, 55].map((width) => (
        <Skeleton key={width} width={`${width}%`} />
      ))}
    </div>
  );
}
