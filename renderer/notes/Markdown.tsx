/**
 * Markdown as a page, for notes and Markdown artifacts. The text becomes elements of our own making: HTML in it stays text,
 * links go through `linkTarget`, pictures through `imageSource`. Never innerHTML.
 */
import { useMemo, useState } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { imageSource, linkTarget } from './links.ts';
import './notes.css';

export interface MarkdownProps {
  text: string;
  /** Address of an own file by its relative path; without it, relative pictures are not drawn. */
  ownImage?(path: string): string;
  /** Opens a link that `linkTarget` let through; without it the browser does. */
  onLink?(href: string): void;
}

const plugins = [remarkGfm];

export function Markdown({ text, ownImage, onLink }: MarkdownProps) {
  const components = useMemo<Components>(
    () => ({
      a: ({ href, children }) => {
        const target = linkTarget(href);
        if (!target) return <span className="markdown-nolink">{children}</span>;
        const open = onLink && ((event: { preventDefault(): void }) => (event.preventDefault(), onLink(target)));
        return (
          <a href={target} target="_blank" rel="noopener noreferrer" title={target} onClick={open}>
            {children}
          </a>
        );
      },
      img: ({ src, alt }) => <Picture src={typeof src === 'string' ? src : undefined} alt={alt ?? ''} ownImage={ownImage} />,
      table: ({ children }) => (
        <div className="markdown-table">
          <table>{children}</table>
        </div>
      ),
    }),
    [ownImage, onLink],
  );
  return (
    <div className="markdown">
      <ReactMarkdown remarkPlugins={plugins} components={components} urlTransform={asWritten}>
        {text}
      </ReactMarkdown>
    </div>
  );
}

/** Our own components decide, so addresses arrive as they were written. */
function asWritten(url: string): string {
  return url;
}

function Picture({ src, alt, ownImage }: { src: string | undefined; alt: string; ownImage: MarkdownProps['ownImage'] }) {
  const [asked, setAsked] = useState(false);
  const [broken, setBroken] = useState(false);
  const source = imageSource(src);
  if (source.kind === 'own' && ownImage) {
    return broken ? (
      <span className="markdown-picture">No picture at “{source.path}” among the artifacts</span>
    ) : (
      <img src={ownImage(source.path)} alt={alt} loading="lazy" onError={() => setBroken(true)} />
    );
  }
  if (source.kind !== 'remote') return <span className="markdown-picture">{alt || 'Picture'}: its address is not one that notes show</span>;
  if (broken) {
    return (
      <a href={source.url} target="_blank" rel="noopener noreferrer">
        {alt || 'Picture'} at {source.host}
      </a>
    );
  }
  if (asked) return <img src={source.url} alt={alt} referrerPolicy="no-referrer" onError={() => setBroken(true)} />;
  return (
    <button type="button" className="markdown-picture" title={source.url} onClick={() => setAsked(true)}>
      {alt ? `${alt}: ` : ''}show picture from {source.host}
    </button>
  );
}
