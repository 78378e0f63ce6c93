import type { Page } from 'playwright-core';

/** Waits until nothing moves and nothing loads. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    do { await frame(); await frame(); } while (document.getAnimations().some(({ effect, playState }) =>
      playState === 'running' && effect.getComputedTiming().iterations !== Infinity));
  })()`);
}
