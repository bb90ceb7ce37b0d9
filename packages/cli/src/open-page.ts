import open from 'open';

/** Shows a page in the person's browser, if this machine has a desktop; otherwise does nothing. */
export async function openPage(url: string): Promise<boolean> {
  const hasDesktop =
    process.platform === 'darwin' ||
    process.platform === 'win32' ||
    Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
  if (!hasDesktop) return false;
  try {
    const browser = await open(url);
    browser.on('error', () => undefined);
    return true;
  } catch {
    return false;
  }
}
