/** File names that come from elsewhere and are to be written here. */

/** Windows opens a device under these names, whatever follows a dot. */
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/** Whether a name is a plain one on every file system: no folder, no device, nothing hidden, nothing that is cut off. */
export function isPlainFileName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,150}$/.test(name) && !name.endsWith('.') && !DEVICE.test(name);
}
