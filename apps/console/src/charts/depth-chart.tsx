import { AreaSeries, createOptionsChart, LineType } from 'lightweight-charts';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Level } from '../live/live-book';
import { formatCompact, formatPrice } from '../ui/format';
import { chartLook, colour, isDark, translucent } from './theme';

type Point = { time: number; value: number };

interface DepthChartProps {
  /** Highest price first. */
  bids: readonly Level[];
  /** Lowest price first. */
  asks: readonly Level[];
  height?: number;
}

/** How many shares could be sold and bought down to each price. */
export function DepthChart({ bids, asks, height = 220 }: DepthChartProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const draw = useRef<((bids: readonly Level[], asks: readonly Level[]) => void) | null>(null);
  const dark = isDark.value;

  useEffect(() => {
    if (box.current === null) return;
    const chart = createOptionsChart(box.current, {
      ...chartLook(),
      localization: { priceFormatter: formatCompact, precision: 3 },
    });
    const [bidSeries, askSeries] = (['good', 'bad'] as const).map((name) => {
      const line = colour(name);
      return chart.addSeries(AreaSeries, {
        lineColor: line,
        lineWidth: 2,
        topColor: translucent(line, 0.35),
        bottomColor: translucent(line, 0.05),
        lineType: LineType.WithSteps,
        priceLineVisible: false,
        lastValueVisible: false,
      });
    });
    draw.current = (newBids, newAsks) => {
      bidSeries?.setData(cumulative(newBids).reverse());
      askSeries?.setData(cumulative(newAsks));
      chart.timeScale().fitContent();
    };
    return () => {
      draw.current = null;
      chart.remove();
    };
  }, [dark]);

  useEffect(() => draw.current?.(bids, asks), [bids, asks, dark]);

  const [bid, ask] = [bids[0], asks[0]];
  const label = `Depth of the book: best bid ${formatPrice(bid?.price)}, best ask ${formatPrice(ask?.price)}`;
  return <div ref={box} class="chart" role="img" aria-label={label} style={{ height: `${height}px` }} />;
}

/** Sizes summed from the best level on. */
function cumulative(levels: readonly Level[]): Point[] {
  let sum = 0;
  return levels.map(({ price, size }) => ({ time: price, value: (sum += size) }));
}
