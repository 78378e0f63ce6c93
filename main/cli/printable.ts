/**
 * Texts of strangers on a terminal: captions, file names, answers of servers. A control character in one of them could move
 * the cursor, write over what stands there, set the window's title or turn the direction of reading.
 */

/** All but newline and tab; C1, which some terminals obey as they do ESC; and the marks that turn the direction. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** The text with each such character spelt out, as `\u001b`: of a JSON document another writing. */
export function printable(text: string): string {
  return text.replace(controls, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
