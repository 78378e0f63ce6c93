/** The places of the navigation, in its order, each with its icon and the key after `g` that leads there. */
import type { LucideIcon } from '@lucide/svelte';
import Activity from '@lucide/svelte/icons/activity';
import Boxes from '@lucide/svelte/icons/boxes';
import ClipboardCheck from '@lucide/svelte/icons/clipboard-check';
import GitCompare from '@lucide/svelte/icons/git-compare';
import House from '@lucide/svelte/icons/house';
import Images from '@lucide/svelte/icons/images';
import MessageCircle from '@lucide/svelte/icons/message-circle-question-mark';
import Settings from '@lucide/svelte/icons/settings';
import Sliders from '@lucide/svelte/icons/sliders-horizontal';
import type { ViewName } from '../../engine/contract/desktop-bridge.ts';
import type { RouteName } from '../lib/page-routes.ts';

export interface Destination {
  readonly route: ViewName;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly key: string;
  /** Routes below it, for which it is the place one is at. */
  readonly below: readonly RouteName[];
}

export const destinations: readonly Destination[] = [
  { route: 'home', label: 'Home', icon: House, key: 'h', below: [] },
  { route: 'datasets', label: 'Datasets', icon: Images, key: 'd', below: ['dataset'] },
  { route: 'models', label: 'Models', icon: Boxes, key: 'm', below: ['model'] },
  { route: 'train', label: 'Train', icon: Sliders, key: 't', below: [] },
  { route: 'runs', label: 'Runs', icon: Activity, key: 'r', below: ['run'] },
  { route: 'compare', label: 'Compare', icon: GitCompare, key: 'c', below: [] },
  { route: 'evaluate', label: 'Evaluate', icon: ClipboardCheck, key: 'e', below: ['evaluation'] },
  { route: 'playground', label: 'Playground', icon: MessageCircle, key: 'p', below: [] },
  { route: 'settings', label: 'Settings', icon: Settings, key: 's', below: [] },
];
