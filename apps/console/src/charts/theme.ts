import { signal } from '@preact/signals';
import { type ChartOptions, ColorType, type DeepPartial } from 'lightweight-charts';

const dark = window.matchMedia('(prefers-color-scheme: dark)');

/** Whether the system asks for dark colours now. */
export const isDark = signal(dark.matches);
dark.addEventListener('change', ({ matches }) => {
  isDark.value = matches;
});

/** The value of one of the colours of styles.css. */
export function colour(name: 'text' | 'muted' | 'line' | 'accent' | 'good' | 'bad' | 'card'): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Looks that every chart shares, in the colours of the page. */
export function chartLook(): DeepPartial<ChartOptions> {
  return {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: 'transparent' },
      textColor: colour('muted'),
      fontFamily: 'inherit',
      // A link has no place in what is one image to those who hear the page. The layout names the makers.
      attributionLogo: false,
    },
    grid: { vertLines: { visible: false }, horzLines: { color: colour('line') } },
    rightPriceScale: { borderVisible: false, entireTextOnly: true },
    crosshair: { vertLine: { color: colour('muted') }, horzLine: { color: colour('muted') } },
    // The page scrolls, not the chart under the pointer.
    handleScroll: { mouseWheel: false, vertTouchDrag: false },
    handleScale: { mouseWheel: false },
  };
}

/** The same colour, seen through. */
export function translucent(hex: string, alpha: number): string {
  const byte = Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0');
  return `${hex}${byte}`;
}
