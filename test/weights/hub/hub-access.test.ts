/** The environment variables that say how the hub is reached. */
import { expect, test } from 'vitest';
import type { DeptError } from '../../../engine/common/errors.ts';
import { hubAccess } from '../../../engine/weights/hub/hub-access.ts';

test('huggingface.co without a token, where nothing is set', () => {
  expect(hubAccess({})).toMatchObject({ endpoint: new URL('https://huggingface.co') });
  expect(hubAccess({ HF_TOKEN: ' ' })).not.toHaveProperty('token');
});

test('another hub, and a token', () => {
  const access = hubAccess({ HF_ENDPOINT: 'http://mirror:8080/hub', HF_TOKEN: ' hf_abc\n', HF_HUB_OFFLINE: '0' });
  expect(access).toMatchObject({ endpoint: new URL('http://mirror:8080/hub'), token: 'hf_abc' });
});

test.each([
  ['HF_HUB_OFFLINE', '1'],
  ['HF_HUB_OFFLINE', 'true'],
  ['HF_HUB_OFFLINE', 'YES'],
  ['TRANSFORMERS_OFFLINE', 'on'],
])('%s=%s forbids the network', (name, value) => {
  expect(() => hubAccess({ [name]: value })).toThrow(
    expect.objectContaining({ code: 'unsupported', message: expect.stringContaining(name) }),
  );
});

test('what is no address or no token is refused without repeating it', () => {
  const secret = 'hf_se\ncret';
  for (const environment of [
    { HF_TOKEN: secret },
    { HF_ENDPOINT: `https://me:${encodeURIComponent(secret)}@huggingface.co` },
    { HF_ENDPOINT: 'huggingface.co' },
    { HF_ENDPOINT: 'file:///tmp' },
  ]) {
    let error: DeptError | undefined;
    try {
      hubAccess(environment);
    } catch (thrown) {
      error = thrown as DeptError;
    }
    expect(error?.code, JSON.stringify(environment)).toBe('bad-input');
    expect(error?.describe()).not.toContain('hf_se');
  }
});
