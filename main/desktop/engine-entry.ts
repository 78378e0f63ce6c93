/** Where an engine process of the desktop window begins: pictures first, then the engine that every face has. */
import { hideNativeSharp } from './hide-native-sharp.ts';

if (process.argv.includes('wasm-pictures')) hideNativeSharp();
await import('../engine-process.ts');
