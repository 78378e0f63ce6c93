/** What the program keeps in a home folder. */

/** Its folders, with how many levels of folders below them hold what is prepared under a temporary name, too. */
export const homeFolders = {
  adapters: 0,
  datasets: 4,
  drops: 0,
  exports: 0,
  features: 2,
  models: 0,
  quantised: 1,
  runs: 2,
  samples: 0,
  uploads: 2,
  widened: 1,
} as const;

export const homeFiles = ['moved-home.json', 'settings.json'] as const;
