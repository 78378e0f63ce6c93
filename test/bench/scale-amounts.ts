/** How much of everything there is in `scale.ts`. */
export const PICTURES = 100_000;
export const QUESTIONS_EACH = 5;
export const PREDICTIONS = 200_000;
export const STEPS = 50_000;
/** What CLIP ViT-B/32 gives for a picture. */
export const shape = { tokens: 49, width: 768 };
export const encoder = 'made';
