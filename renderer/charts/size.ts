/** How large an element is on the screen, followed as it changes. */
import { useEffect, useState, type RefObject } from 'react';
import type { Size } from './figure.ts';

/** Whole pixels; undefined until laid out. */
export function useSize(element: RefObject<HTMLElement | null>): Size | undefined {
  const [size, setSize] = useState<Size>();
  useEffect(() => {
    const observed = element.current;
    if (!observed) return;
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      const next = { width: Math.floor(width), height: Math.floor(height) };
      setSize((old) => (old && old.width === next.width && old.height === next.height ? old : next));
    });
    observer.observe(observed);
    return () => observer.disconnect();
  }, [element]);
  return size;
}
