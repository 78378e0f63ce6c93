/** Which view shows which route. A view is fetched when it is first shown. */
import type { Component } from 'svelte';
import type { Route, RouteName } from '../lib/page-routes.ts';

/** A view reads its parameters from `route`; its query from there too, or by `router.query(key)`. */
export type View<Name extends RouteName = RouteName> = Component<{ route: Extract<Route, { name: Name }> }>;

type Loaders = { readonly [Name in RouteName]?: () => Promise<{ default: View<Name> | Component }> };

export const views: Loaders = {
  datasets: () => import('./datasets/datasets-view.svelte'),
  dataset: () => import('./datasets/dataset-view.svelte') as Promise<{ default: View<'dataset'> }>,
  home: () => import('./welcome/welcome-view.svelte'),
  settings: () => import('./settings/settings-view.svelte'),
  models: () => import('./models/models-view.svelte'),
  model: () => import('./models/model-view.svelte') as Promise<{ default: View<'model'> }>,
  runs: () => import('./runs/runs-view.svelte'),
  run: () => import('./runs/run-view.svelte') as Promise<{ default: View<'run'> }>,
  train: () => import('./train/train-view.svelte'),
  compare: () => import('./compare/compare-view.svelte'),
  evaluate: () => import('./evaluate/evaluate-view.svelte'),
  playground: () => import('./playground/playground-view.svelte'),
  gallery: () => import('../gallery/gallery-view.svelte'),
};
