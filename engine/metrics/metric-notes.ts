/** What must be said beside a caption metric's number. */

/** By the metric's name. The differences were measured by `test/golden/make-captions.py` and are checked by a test. */
export const captionNotes = {
  'METEOR (no paraphrases)':
    'METEOR 1.5 with its exact, stem and synonym matches. The official tool also matches paraphrases: on 1,376 captions of ' +
    'AudioCaps it gave 0.2102 in total where this gives 0.2022; for one caption 0.0101 more on average, 0.439 more to 0.121 ' +
    'less at most.',
  SPICE: 'Not offered: it needs the Stanford parser.',
} as const;

/** The notes as lines below a table of metrics. */
export const captionNotesText = (): string =>
  Object.entries(captionNotes)
    .map(([name, note]) => `${name}: ${note}`)
    .join('\n');

/** The notes that belong beside these metrics: none but for captions. */
export const notesOf = (metrics: object): typeof captionNotes | undefined =>
  'METEOR (no paraphrases)' in metrics ? captionNotes : undefined;
