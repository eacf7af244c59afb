import { AreaSeries, type AutoscaleInfo, createOptionsChart, LineType } from 'lightweight-charts';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Level } from '../live/live-book';
import { formatCompact, formatPrice } from '../ui/format';
import { depthPoints } from './depth-points';
import { chartLook, colour, isDark, translucent } from './theme';

interface DepthChartProps {
  /** Highest price first. */
  bids: readonly Level[];
  /** Lowest price first. */
  asks: readonly Level[];
  /** Smallest price step; null where it is not known. */
  tick: number | null;
  height?: number;
}

/** How many shares could be sold down to each price, and bought up to it. */
export function DepthChart({ bids, asks, tick, height = 220 }: DepthChartProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const draw = useRef<((points: ReturnType<typeof depthPoints>) => void) | null>(null);
  const dark = isDark.value;

  useEffect(() => {
    if (box.current === null) return;
    const chart = createOptionsChart(box.current, {
      ...chartLook(),
      timeScale: { minBarSpacing: 0.1 },
      rightPriceScale: { borderVisible: false, entireTextOnly: true, scaleMargins: { top: 0.08, bottom: 0 } },
      handleScroll: false,
      handleScale: false,
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
        autoscaleInfoProvider: fromNothing,
        priceLineVisible: false,
        lastValueVisible: false,
      });
    });
    draw.current = (points) => {
      bidSeries?.setData(points.bids);
      askSeries?.setData(points.asks);
      chart.timeScale().fitContent();
    };
    return () => {
      draw.current = null;
      chart.remove();
    };
  }, [dark]);

  useEffect(() => draw.current?.(depthPoints(bids, asks, tick)), [bids, asks, tick, dark]);

  const [bid, ask] = [bids[0], asks[0]];
  const label = `Depth of the book: best bid ${formatPrice(bid?.price)}, best ask ${formatPrice(ask?.price)}`;
  return <div ref={box} class="chart" role="img" aria-label={label} style={{ height: `${height}px` }} />;
}

/** The axis begins at no shares, so that heights can be compared. */
function fromNothing(scaled: () => AutoscaleInfo | null): AutoscaleInfo | null {
  const info = scaled();
  return info?.priceRange == null ? info : { ...info, priceRange: { ...info.priceRange, minValue: 0 } };
}
