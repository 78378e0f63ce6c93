/** HTML by template, where every value is escaped unless it is HTML already: text from outside cannot become markup. */

/** A piece of HTML; only `html` makes one. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters are not allowed in HTML in any spelling. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\0-\x08\x0B\x0E-\x1F\x7F-\x9F]/g;

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!).replaceAll(CONTROLS, '\uFFFD');
}

function textOf(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Html) return String(value);
  return typeof value === 'object' ? value.map(textOf).join('') : escapeHtml(String(value));
}

/** Values may stand in text and inside quoted attributes. Lists are joined, undefined is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.map((part, i) => (i === 0 ? part : textOf(values[i - 1]) + part)).join(''));
}
