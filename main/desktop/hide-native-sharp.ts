/**
 * Lets sharp find no native build of itself on Linux, so that it takes its WebAssembly one. Both decode to the same pixels;
 * the native one and Electron each bring a GLib, and the two do not get along in one process.
 */
import { registerHooks } from 'node:module';

/** Before sharp is loaded. */
export function hideNativeSharp(): void {
  registerHooks({
    resolve: (specifier, context, next) => {
      if (/^@img\/sharp-linux/.test(specifier)) {
        throw Object.assign(new Error(`${specifier} is hidden`), { code: 'MODULE_NOT_FOUND' });
      }
      return next(specifier, context);
    },
  });
}
