/** How the charts of runs are drawn: chosen once, kept by the browser. */

export interface ChartLook {
  x: 'step' | 'time';
  logY: boolean;
  smoothing: number;
}

const KEY = 'chart-look';
const usual: ChartLook = { x: 'step', logY: false, smoothing: 0.6 };

function remembered(): ChartLook {
  try {
    const kept: Partial<ChartLook> = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return {
      x: kept.x === 'time' ? 'time' : 'step',
      logY: kept.logY === true,
      smoothing: typeof kept.smoothing === 'number' ? Math.min(0.99, Math.max(0, kept.smoothing)) : usual.smoothing,
    };
  } catch {
    return usual; // not ours, or of another version
  }
}

export const chartLook = $state<ChartLook>(remembered());

/** To be called while a component that changes the look is set up. */
export function keepChartLook(): void {
  $effect(() => localStorage.setItem(KEY, JSON.stringify(chartLook)));
}
