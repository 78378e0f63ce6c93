/** Near twins: a scene with one colour, shape or place changed, as a hard negative for the contrastive loss. */
import type { Random } from '../../engine/common/random.ts';
import { standsOut } from '../../engine/data/scenes/background.ts';
import { colours, shadeOf } from '../../engine/data/scenes/colours.ts';
import { type Scene, type SceneObject, samplePose, shapesOf } from '../../engine/data/scenes/scene.ts';

function changed(random: Random, object: SceneObject): SceneObject {
  const what = random.uniform();
  if (what < 0.4) {
    const colour = random.pick(colours.filter((other) => other !== object.colour));
    return { ...object, colour, rgb: shadeOf(random, colour) };
  }
  if (what < 0.8 && object.finish !== 'hollow' && object.radius > 0.08) {
    const shape = random.pick(shapesOf('wide').filter((other) => other !== object.shape));
    return { ...object, shape, ...samplePose(random, 'wide', shape) };
  }
  return { ...object, x: 1 - object.x, y: random.chance(0.5) ? 1 - object.y : object.y };
}

/** A scene that differs from `scene` in one object; one that would vanish in the background is drawn again. */
export function twinOf(random: Random, scene: Scene): Scene {
  for (;;) {
    const which = random.below(scene.objects.length);
    const object = changed(random, scene.objects[which]!);
    const objects = scene.objects.map((other, i) => (i === which ? object : other));
    const apart = objects.every(
      (other, i) =>
        i === which || Math.hypot(other.x - object.x, other.y - object.y) > other.radius + object.radius + 0.03,
    );
    if (apart && standsOut(scene.background, objects)) return { ...scene, objects, seed: random.bits() };
  }
}
