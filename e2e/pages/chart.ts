/** One chart of a metric: what it draws, read from the chart itself, and zooming with the mouse as a person does. */
import { expect, type Locator, type Page } from '@playwright/test';

export interface Line {
  run: string;
  x: number[];
  y: number[];
}

/** The part of Plotly's element that tells what is on the screen. */
interface Drawn {
  data?: { name: string; showlegend: boolean; x: ArrayLike<number>; y: ArrayLike<number> }[];
  layout?: { xaxis: { range: [number, number] }; margin: { l: number; r: number; t: number; b: number } };
}

export function chartOf(page: Page | Locator, metric: string) {
  const card = page.getByRole('article', { name: metric, exact: true });
  const plot = card.locator('.js-plotly-plot');

  const lines = async (): Promise<Line[]> => {
    if ((await plot.count()) === 0) return [];
    return plot.evaluate((element: unknown) =>
      ((element as Drawn).data ?? [])
        .filter((trace) => trace.showlegend)
        .map(({ name, x, y }) => ({ run: name, x: Array.from(x), y: Array.from(y) })),
    );
  };
  /** Left and right end of what is drawn, in data units. */
  const range = (): Promise<[number, number]> =>
    plot.evaluate((element: unknown) => {
      const [from, to] = (element as Drawn).layout?.xaxis.range ?? [Number.NaN, Number.NaN];
      return [from, to] as [number, number];
    });

  return {
    card,
    plot,
    lines,
    range,
    points: async (run: string): Promise<number> => (await lines()).find((line) => line.run === run)?.x.length ?? 0,
    menu: card.getByRole('button', { name: `Menu of ${metric}` }),
    showAll: card.getByRole('button', { name: 'Show everything' }),
    /** Drags over part of the x axis; afterwards the chart shows about that part. */
    async zoom(from: number, to: number): Promise<void> {
      await plot.scrollIntoViewIfNeeded();
      const area = await plot.locator('.nsewdrag').boundingBox();
      if (!area) throw new Error('The chart has no plot area.');
      const [low, high] = await range();
      const at = (x: number): number => area.x + ((x - low) / (high - low)) * area.width;
      const middle = area.y + area.height / 2;
      const mouse = plot.page().mouse;
      await mouse.move(at(from), middle);
      await mouse.down();
      await mouse.move(at(from) + 8, middle, { steps: 2 });
      await mouse.move(at(to), middle, { steps: 6 });
      await mouse.up();
      await expect.poll(async () => (await range())[0] > low || (await range())[1] < high).toBe(true);
    },
  };
}
