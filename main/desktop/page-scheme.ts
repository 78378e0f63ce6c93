/** The page's own scheme: `app://dept/` is answered by the routes that every face has, and nothing else is answered. */
import { protocol } from 'electron';
import { type Routes, securityHeaders } from '../host/routes.ts';

const SCHEME = 'app';
const HOST = 'dept';

export const PAGE_ORIGIN = `${SCHEME}://${HOST}`;
export const PAGE_URL = `${PAGE_ORIGIN}/`;

/** Makes the scheme a secure origin of its own. Once, before the app is ready. */
export function registerPageScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, stream: true };
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges }]);
}

export function servePage(routes: Routes): void {
  protocol.handle(SCHEME, async (request) => {
    if (new URL(request.url).host !== HOST) return new Response(null, { status: 404, headers: securityHeaders });
    return routes(request);
  });
}
