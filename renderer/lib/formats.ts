/** Numbers, sizes, times and dates as a person reads them; the same everywhere in the app. English, as all of its text. */

const locale = 'en-GB';
const numberFormats = new Map<string, Intl.NumberFormat>();

function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  let format = numberFormats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(locale, options);
    numberFormats.set(key, format);
  }
  return format;
}

const notANumber = '–';

/** Whole numbers with thousands apart: `120,000`. */
export function count(value: number): string {
  return Number.isFinite(value) ? numberFormat({ maximumFractionDigits: 0 }).format(value) : notANumber;
}

/** `1 picture`, `2 pictures`; the plural is the unit as contracts name it. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A number with so many digits after the point: scores, coordinates. */
export function fixed(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return notANumber;
  return numberFormat({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** A measured number of any magnitude, in about `digits` significant digits: `0.00123`, `3.2e-7`, `12,345`. */
export function measured(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return notANumber;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) {
    return value
      .toExponential(digits - 1)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  }
  const whole = size >= 1 ? Math.floor(Math.log10(size)) + 1 : 1;
  if (whole >= digits) return count(value);
  return numberFormat({ maximumSignificantDigits: digits }).format(value);
}

// British compact letters are small or large, depending on the browser's age.
const compactFormat = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** Short form for tight places: `1.2K`, `65.6M`. */
export function compact(value: number): string {
  if (!Number.isFinite(value)) return notANumber;
  return compactFormat.format(value);
}

/** A share of 0..1 as `0.43 %`; small shares keep two digits. */
export function percent(share: number, digits = share !== 0 && Math.abs(share) < 0.01 ? 2 : 1): string {
  return Number.isFinite(share) ? `${fixed(share * 100, digits)} %` : notANumber;
}

/** With its sign, a true minus, and `±0` for no difference at the digits shown. */
export function signed(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return notANumber;
  const text = fixed(Math.abs(value), digits);
  if (Number(text.replaceAll(',', '')) === 0) return `±${text}`;
  return `${value < 0 ? '−' : '+'}${text}`;
}

/** With its sign, its size written as one likes: `−7 min 47 s`. */
export function signedBy(write: (size: number) => string, value: number): string {
  if (!Number.isFinite(value)) return notANumber;
  const sign = value === 0 ? '±' : value < 0 ? '−' : '+';
  return `${sign}${write(Math.abs(value))}`;
}

const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in decimal units, as operating systems show them: `242 MB`. */
export function bytes(value: number): string {
  if (!Number.isFinite(value)) return notANumber;
  let unit = 0;
  let size = Math.abs(value);
  while (size >= 999.5 && unit < sizeUnits.length - 1) {
    size /= 1000;
    unit++;
  }
  const digits = unit === 0 || size >= 99.95 ? 0 : 1;
  return `${value < 0 ? '−' : ''}${fixed(size, digits)} ${sizeUnits[unit]}`;
}

/** Bytes beside an axis, where neighbours must differ: `550 MB`, `1.25 GB`. */
export function bytesOnAxis(value: number): string {
  const unit = Math.abs(value) < 1e9 ? 2 : 3;
  return value === 0 ? '0' : `${measured(value / 1000 ** unit, 4)} ${sizeUnits[unit]}`;
}

/** A span of time in seconds: `0.8 s`, `42 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return notANumber;
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${fixed(seconds, 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(Math.floor(whole / 60), 'min', whole % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(seconds / 3600);
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function pair(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}

/** How fast work goes: `12.4 images/s`, or `3.2 s/step` where it is slower than one a second. */
export function rate(perSecond: number, unit: string): string {
  if (!Number.isFinite(perSecond) || perSecond <= 0) return notANumber;
  if (unit === 'bytes') return `${bytes(perSecond)}/s`;
  if (perSecond >= 1) return `${measured(perSecond, 3)} ${unit}/s`;
  return `${duration(1 / perSecond)} per ${unit.replace(/s$/, '')}`;
}

type Moment = string | number | Date;

/** Day and time, in the reader's zone: `24 Nov 2026, 03:27`. */
export function dateTime(moment: Moment): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(moment));
}

/** Time of day with seconds, for logs: `03:27:05`. */
export function clock(moment: Moment): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'medium' }).format(new Date(moment));
}

const steps: [limit: number, seconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60, 1, 'second'],
  [3600, 60, 'minute'],
  [86_400, 3600, 'hour'],
  [7 * 86_400, 86_400, 'day'],
];

/** How long ago, up to a week (`5 minutes ago`, `yesterday`), then the date. `now` in milliseconds. */
export function ago(moment: Moment, now = Date.now(), style: 'long' | 'short' = 'long'): string {
  const seconds = (now - new Date(moment).getTime()) / 1000;
  if (Math.abs(seconds) < 5) return 'just now';
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style });
  for (const [limit, size, unit] of steps) {
    if (Math.abs(seconds) < limit) return relative.format(-Math.round(seconds / size), unit);
  }
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(new Date(moment));
}

/** The same for tight places: `5 min ago`. */
export function agoShort(moment: Moment, now = Date.now()): string {
  return ago(moment, now, 'short');
}
