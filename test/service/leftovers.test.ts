/** What a home folder is cleaned of where parts of it are shut. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { homeFolders } from '../../engine/common/home-entries.ts';
import { removeAllLeftovers } from '../../engine/service/leftovers.ts';

const NOBODY = 65_534;
/** A process that is surely gone. */
const GONE = 2 ** 22 + 1;

/** Root may do everything: there as another user. */
function asOrdinaryUser(work: () => void): void {
  if (process.getuid!() !== 0) {
    work();
    return;
  }
  process.seteuid!(NOBODY);
  try {
    work();
  } finally {
    process.seteuid!(0);
  }
}

test.skipIf(process.platform === 'win32').each(Object.keys(homeFolders))(
  'a folder %s that may not be read stops nothing: the others are cleaned',
  (shut) => {
    const home = mkdtempSync(join(tmpdir(), 'dept-shut-'));
    try {
      const left = Object.keys(homeFolders).map((name) => join(home, name, `of-one-that-is-gone.${GONE}.tmp`));
      for (const path of left) {
        mkdirSync(join(path, '..'), { recursive: true });
        writeFileSync(path, '');
        chmodSync(join(path, '..'), 0o777);
      }
      chmodSync(home, 0o777);
      chmodSync(join(home, shut), 0);
      asOrdinaryUser(() => {
        expect(() => readdirSync(join(home, shut))).toThrow('EACCES');
        removeAllLeftovers(home);
      });
      chmodSync(join(home, shut), 0o700);
      expect(left.filter((path) => existsSync(path))).toEqual([join(home, shut, `of-one-that-is-gone.${GONE}.tmp`)]);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  },
);
