/** How much the host takes from a page, in bytes. */

/** A picture for the playground. */
export const UPLOAD_LIMIT = 64 * 2 ** 20;
/** One file of a dropped dataset: annotation files may be big. */
export const DROP_LIMIT = 2 ** 30;
