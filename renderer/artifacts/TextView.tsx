/** A text file with line numbers. Blocks of lines, so that the browser lays out only the ones on screen while selecting and Ctrl+F still see all. */
import { useMemo } from 'react';

const blockLines = 200;

export function TextView({ text }: { text: string }) {
  const blocks = useMemo(() => blocksOf(text), [text]);
  const digits = String(blocks.length * blockLines).length;
  return (
    <div className="text-view mono" tabIndex={0}>
      {blocks.map((lines, block) => (
        <div key={block} className="text-block" style={{ containIntrinsicBlockSize: lines.length * 20 }}>
          <pre className="text-numbers" style={{ minWidth: `${digits + 3}ch` }} aria-hidden>
            {lines.map((_, line) => block * blockLines + line + 1).join('\n')}
          </pre>
          <pre className="text-lines">{lines.join('\n')}</pre>
        </div>
      ))}
    </div>
  );
}

function blocksOf(text: string): string[][] {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === '' && lines.length > 1) lines.pop();
  const blocks: string[][] = [];
  for (let at = 0; at < lines.length; at += blockLines) blocks.push(lines.slice(at, at + blockLines));
  return blocks;
}
