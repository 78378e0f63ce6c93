/** Looking for a newer version: asked before, checked in every way, and nothing but a page offered. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { placeOf } from '../../main/desktop/project.ts';
import { fetchNewestRelease, isNewer } from '../../main/desktop/release-feed.ts';
import { checkForUpdates, checkQuietly } from '../../main/desktop/update-check.ts';
import * as electron from './fake-electron.ts';

vi.mock('electron', () => import('./fake-electron.ts'));

const place = placeOf('git+https://github.com/someone/dept.git');
const page = 'https://github.com/someone/dept/releases/tag/v9.1.0';
const newer = { tag_name: 'v9.1.0', html_url: page, more: 'is not read' };

const answering =
  (body: string, status = 200) =>
  async () =>
    new Response(body, { status });
const fetched = (body: unknown, status?: number) =>
  fetchNewestRelease(place, answering(typeof body === 'string' ? body : JSON.stringify(body), status));

test('the place of a project follows from its git address', () => {
  expect(place).toEqual({
    page: 'https://github.com/someone/dept',
    feed: 'https://api.github.com/repos/someone/dept/releases/latest',
  });
});

test.each([
  ['1.0.1', '1.0.0', true],
  ['v1.10.0', '1.9.9', true],
  ['2.0.0', '1.99.99', true],
  ['1.0.0', '1.0.0', false],
  ['1.0.0', '1.0.1', false],
  ['0.9.10', '1.0.0', false],
])('%s after %s: %s', (version, than, expected) => expect(isNewer(version, than)).toBe(expected));

describe('the feed', () => {
  test('gives version and page', async () => expect(await fetched(newer)).toEqual({ version: '9.1.0', page }));

  const refused: [string, unknown][] = [
    ['no JSON', '<html>'],
    ['no release', {}],
    ['a version that is none', { ...newer, tag_name: 'nightly' }],
    ['a page elsewhere', { ...newer, html_url: 'https://evil.org/releases/tag/v9' }],
    ['a page of another project', { ...newer, html_url: 'https://github.com/someone/dept-evil/releases/tag/v9' }],
    ['a page without https', { ...newer, html_url: page.replace('https', 'http') }],
    ['a page that is a script', { ...newer, html_url: 'javascript:alert(1)' }],
    ['too much', `{"x":"${'x'.repeat(300_000)}"}`],
  ];
  test.each(refused)('%s is refused', async (_name, body) => {
    await expect(fetched(body)).rejects.toMatchObject({ code: 'bad-file' });
  });

  test('no answer and a bad answer are told as such', async () => {
    await expect(fetched('', 403)).rejects.toMatchObject({ code: 'runtime-failed', details: { got: '403' } });
    const offline = fetchNewestRelease(place, () => Promise.reject(new TypeError('offline')));
    await expect(offline).rejects.toMatchObject({ code: 'runtime-failed' });
  });
});

describe('the check', () => {
  const window = () => undefined;
  const logged: string[] = [];
  const options = { place, window, log: (text: string) => void logged.push(text) };
  const { boxes } = electron.dialog;
  beforeEach(() => {
    boxes.length = 0;
    logged.length = 0;
    electron.presses.length = 0;
    electron.shell.openExternal.calls.length = 0;
    electron.net.fetch.calls.length = 0;
  });
  const answer = (body: object) => vi.spyOn(electron.net, 'fetch').mockImplementation(answering(JSON.stringify(body)));

  test('asks first, and asks nobody else where that is declined', async () => {
    const fetch = answer(newer);
    electron.presses.push(1);
    await checkForUpdates(options);
    expect(fetch).not.toHaveBeenCalled();
    expect(boxes[0]!.detail).toContain('api.github.com');
  });

  test('offers the download page and opens it on request only', async () => {
    answer(newer);
    electron.presses.push(0, 1);
    await checkForUpdates(options);
    expect(electron.shell.openExternal.calls).toEqual([]);
    electron.presses.push(0, 0);
    await checkForUpdates(options);
    expect(electron.shell.openExternal.calls).toEqual([[page]]);
  });

  test('says when there is nothing newer, and when it does not work', async () => {
    answer({ ...newer, tag_name: 'v0.0.1' });
    electron.presses.push(0, 0);
    await checkForUpdates(options);
    expect(boxes.at(-1)!.message).toBe('This is the newest version');
    answer({});
    electron.presses.push(0, 0);
    await checkForUpdates(options);
    expect(boxes.at(-1)!.message).toBe('The list of releases has another form');
    expect(logged.length).toBe(1);
  });

  test('at the start only something newer is told', async () => {
    answer({ ...newer, tag_name: 'v0.0.1' });
    await checkQuietly(options);
    answer({});
    await checkQuietly(options);
    expect(boxes).toEqual([]);
    expect(logged.length).toBe(1);
    answer(newer);
    electron.presses.push(1);
    await checkQuietly(options);
    expect(boxes[0]!.message).toBe('Version 9.1.0 is there');
  });
});
