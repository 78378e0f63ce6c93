/** Scenes put together by hand, so that the right answers are plain to see. */
import type { Colour, Rgb } from '../../../engine/data/scenes/colours.ts';
import type { Scene, SceneObject } from '../../../engine/data/scenes/scene.ts';
import type { Shape } from '../../../engine/data/scenes/shapes.ts';

const shades: Partial<Record<Colour, Rgb>> = { red: [255, 0, 0], blue: [0, 0, 255], green: [0, 160, 0] };

export function thing(
  colour: Colour,
  shape: Shape,
  x: number,
  y: number,
  more: Partial<SceneObject> = {},
): SceneObject {
  const rgb = shades[colour]!;
  return { colour, shape, x, y, rgb, size: 'medium', radius: 0.15, rotation: 0, aspect: 1, finish: 'filled', ...more };
}

export function sceneOf(...objects: SceneObject[]): Scene {
  const rgb: Rgb = [255, 255, 0];
  return {
    variety: 'moderate',
    background: { pattern: 'plain', colour: 'yellow', rgb, second: rgb, angle: 0, pitch: 0.1 },
    objects,
    blur: 0,
    grain: 0,
    seed: 1,
  };
}

/** A red circle top left, a small red star top right, a large blue square at the bottom. */
export const threeThings = sceneOf(
  thing('red', 'circle', 0.2, 0.2),
  thing('red', 'star', 0.8, 0.2, { size: 'small', radius: 0.09 }),
  thing('blue', 'square', 0.5, 0.75, { size: 'large', radius: 0.22 }),
);
