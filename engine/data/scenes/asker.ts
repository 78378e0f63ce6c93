/** What a kind of question is: a function that may find something to ask about a scene. */
import type { Random } from '../../common/random.ts';
import type { Scene } from './scene.ts';

export interface Asked {
  readonly question: string;
  readonly answer: string;
}

/** Asks one kind of question; undefined where this scene gives no clear answer to the question it drew. */
export type Asker = (scene: Scene, random: Random) => Asked | undefined;

/** Askers of one answer type with their relative frequency. */
export type Askers = readonly (readonly [Asker, number])[];
