/** Every point of Electron's security list, on the program as it starts. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as electron from './fake-electron.ts';
import { html, type Started, startProgram } from './started-program.ts';

vi.mock('electron', () => import('./fake-electron.ts'));

let started: Started;
beforeAll(async () => {
  started = await startProgram();
});
afterAll(() => started.remove());

describe('the renderer', () => {
  test('is isolated, sandboxed, without Node and with web security, each said explicitly', () => {
    expect(started.window.options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
    });
  });

  test('sandbox and scheme are set before the app is ready', () => {
    const { order } = electron.app;
    expect(order.indexOf('enableSandbox')).toBeGreaterThanOrEqual(0);
    expect(order.indexOf('registerSchemesAsPrivileged')).toBeGreaterThanOrEqual(0);
    expect(order.indexOf('enableSandbox')).toBeLessThan(order.indexOf('ready'));
    expect(order.indexOf('registerSchemesAsPrivileged')).toBeLessThan(order.indexOf('ready'));
  });

  test('its preload is one CommonJS file in the app', () => {
    expect(started.window.options.webPreferences.preload).toMatch(/dist[/\\]desktop[/\\]preload\.cjs$/);
  });

  test('crash dumps stay here', () => {
    expect(electron.crashReporter.start.calls).toEqual([[{ uploadToServer: false }]]);
  });
});

describe('the origin', () => {
  test('is a secure scheme of its own that bypasses nothing, and no file address', () => {
    expect(electron.protocol.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
    ]);
    expect([...electron.protocol.handlers.keys()]).toEqual(['app']);
    expect(started.window.url).toBe('app://dept/');
  });

  test('the page comes with a policy that lets in nothing from outside and nothing inline', async () => {
    const response = await started.fetch('app://dept/');
    expect(await response.text()).toBe(html);
    const policy = response.headers.get('Content-Security-Policy')!.split('; ');
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'none'",
      ]),
    );
    expect(policy.find((part) => part.startsWith('script-src'))).not.toMatch(/unsafe|https?:|\*/);
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
  });

  test.each(['app://other/', 'app://dept.evil/', 'app://localhost/index.html', 'app://depth/'])(
    '%s is nobody',
    async (address) => {
      const response = await started.fetch(address);
      expect(response.status).toBe(404);
      expect(await response.text()).toBe('');
      expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
    },
  );

  test.each([
    'app://dept/../../secret.html',
    'app://dept/..%2f..%2fsecret.html',
    'app://dept/%2e%2e/%2e%2e/secret.html',
    'app://dept/..%5c..%5csecret.html',
  ])('%s leads out of the folder and is refused', async (address) => {
    const response = await started.fetch(address);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.text()).not.toContain('TOP SECRET');
    expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
  });
});

describe('navigation', () => {
  const events = ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'];
  test.each(events)('%s is prevented, whatever the address', (name) => {
    for (const url of ['https://example.org/', 'file:///etc/passwd', 'app://dept/other', 'javascript:alert(1)']) {
      const event = electron.preventable({ url, isMainFrame: true });
      started.page.emit(name, event);
      expect(event.defaultPrevented).toBe(true);
    }
  });

  test('no window opens; only listed sites, by https, open in the browser of the person', () => {
    const { calls } = electron.shell.openExternal;
    calls.length = 0;
    const refused = [
      'http://github.com/',
      'https://github.com.evil.org/',
      'https://evil.org/github.com',
      'https://user@github.com/',
      'https://github.com:8443/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'smb://share/',
      'not an address',
      'app://dept/',
    ];
    for (const url of refused) expect(started.page.windowOpen!({ url })).toEqual({ action: 'deny' });
    expect(calls).toEqual([]);
    expect(started.page.windowOpen!({ url: 'https://arxiv.org/abs/2309.05173' })).toEqual({ action: 'deny' });
    expect(calls).toEqual([['https://arxiv.org/abs/2309.05173']]);
  });

  test('pages that come later are confined too', () => {
    const late = new electron.FakePage();
    electron.app.emit('web-contents-created', {}, late);
    expect(late.windowOpen!({ url: 'https://evil.org/' })).toEqual({ action: 'deny' });
    const event = electron.preventable({ url: 'https://evil.org/', isMainFrame: true });
    late.emit('will-navigate', event);
    expect(event.defaultPrevented).toBe(true);
  });
});

describe('permissions', () => {
  const { defaultSession } = electron.session;
  const asked = (permission: string, requestingUrl: string): boolean => {
    let answer: boolean | undefined;
    defaultSession.permissionRequest!({}, permission, (granted) => (answer = granted), { requestingUrl });
    return answer!;
  };

  test.each(['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal', 'fileSystem', 'usb', 'midi'])(
    '%s is refused',
    (name) => {
      expect(asked(name, 'app://dept/')).toBe(false);
      expect(defaultSession.permissionCheck!({}, name, 'app://dept')).toBe(false);
    },
  );

  test('our page alone may write text to the clipboard', () => {
    expect(asked('clipboard-sanitized-write', 'app://dept/')).toBe(true);
    expect(asked('clipboard-sanitized-write', 'https://evil.org/')).toBe(false);
    expect(defaultSession.permissionCheck!({}, 'clipboard-sanitized-write', 'app://dept')).toBe(true);
    expect(defaultSession.permissionCheck!({}, 'clipboard-sanitized-write', 'app://dept.evil')).toBe(false);
  });

  test('devices are refused', () => expect(defaultSession.device!()).toBe(false));
});

describe('downloads', () => {
  function download(url: string) {
    const event = electron.preventable();
    const asked: { defaultPath?: string }[] = [];
    const item = {
      getURL: () => url,
      getFilename: () => '../../run-1.json',
      setSaveDialogOptions: (options: { defaultPath: string }) => asked.push(options),
      once: () => {},
    };
    electron.session.defaultSession.emit('will-download', event, item);
    return { isPrevented: event.defaultPrevented, asked };
  }

  test.each(['app://dept/exports/run/evaluation/report.html', 'blob:app://dept/0b0e'])(
    '%s asks where to go, under a plain name',
    (url) => {
      const { isPrevented, asked } = download(url);
      expect(isPrevented).toBe(false);
      expect(asked[0]!.defaultPath).toMatch(/documents[/\\]run-1\.json$/);
    },
  );

  test.each([
    'https://evil.org/exports/x',
    'app://other/exports/x',
    'blob:https://evil.org/0b0e',
    'blob:app://dept.evil/0b0e',
    'app://dept/media/a/b/c',
    'data:text/plain,x',
    'nonsense',
  ])('%s is not downloaded', (url) => expect(download(url)).toEqual({ isPrevented: true, asked: [] }));
});
