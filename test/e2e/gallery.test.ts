/** Every part in its states, in both themes and several sizes, under the page's own content policy. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium } from './app.ts';
import { axeFindings } from './axe.ts';
import { type Gallery, openGallery } from './gallery-page.ts';

const sizes = [
  { name: 'wide', width: 1440, height: 900 },
  { name: 'small', width: 1024, height: 700 },
  { name: 'narrow', width: 640, height: 700 },
  { name: 'zoomed', width: 512, height: 350 }, // 1024 x 700 at 200 %
];

describe.skipIf(!hasChromium)('the gallery', () => {
  let gallery: Gallery;
  beforeAll(async () => {
    gallery = await openGallery();
  });
  afterAll(() => gallery?.close());

  describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
    test.each(sizes)('$name: nothing for axe, no error, no sideways scrolling', async ({ name, ...viewport }) => {
      const page = await gallery.open(name, { viewport, colorScheme, reducedMotion: 'reduce' });
      const [scrolled, shown] = (await page.evaluate(
        `(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(document.querySelector('.view'))`,
      )) as [number, number];
      expect(scrolled).toBeLessThanOrEqual(shown);
      expect(await axeFindings(page)).toEqual([]);
      expect(gallery.problems).toEqual([]);
      await page.close();
    });
  });
});
