/** Two or three panes with dividers between them that can be dragged, moved with the arrow keys, and folded. */
import { Fragment, useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';

export interface Pane {
  id: string;
  content: ReactNode;
  /** Pixels as a number, kept while the window grows; or a percentage as `'40%'`. */
  size?: number | string;
  min?: number | string;
  max?: number | string;
}

export interface SplitPaneProps {
  panes: readonly Pane[];
  orientation?: 'horizontal' | 'vertical';
  /** Percent by pane id, as `onLayout` gave it. */
  layout?: Readonly<Record<string, number>>;
  onLayout?: (layout: Readonly<Record<string, number>>) => void;
}

/** Lays the panes out; leave a pane out of the list to fold it. */
export function SplitPane(props: SplitPaneProps) {
  // Another set of panes is another layout.
  return <Panes key={props.panes.map(({ id }) => id).join()} {...props} />;
}

function Panes({ panes, orientation = 'horizontal', layout, onLayout }: SplitPaneProps) {
  // Only where it starts: from there on the group itself knows where its dividers are.
  const [start] = useState(() => (layout && panes.every(({ id }) => id in layout) && Object.keys(layout).length === panes.length ? { ...layout } : undefined));
  const report = useRef(onLayout);
  useEffect(() => {
    report.current = onLayout;
  });
  const onLayoutChanged = useCallback((next: Record<string, number>) => report.current?.(next), []);
  return (
    <Group orientation={orientation} defaultLayout={start} onLayoutChanged={onLayoutChanged} style={{ height: '100%', width: '100%' }}>
      {panes.map(({ id, content, size, min, max }, index) => (
        <Fragment key={id}>
          {index > 0 && <Separator className="split-handle" aria-label={`Between ${panes[index - 1]?.id ?? ''} and ${id}: arrow keys move it`} />}
          <Panel id={id} defaultSize={size} minSize={min} maxSize={max} groupResizeBehavior={typeof size === 'number' ? 'preserve-pixel-size' : 'preserve-relative-size'} style={{ overflow: 'hidden', minWidth: 0, minHeight: 0 }}>
            {content}
          </Panel>
        </Fragment>
      ))}
    </Group>
  );
}
