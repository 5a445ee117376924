/** Opens the page where there is a desktop to open it on. The address is printed anyway, so nothing here may fail. */
import { spawn } from 'node:child_process';

export function openPage(url: string): void {
  const program = opener(process.platform, process.env);
  if (program === undefined) return;
  const child = spawn(program, [url], { detached: true, stdio: 'ignore' });
  child.once('error', () => undefined);
  child.unref();
}

function opener(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string | undefined {
  if (!process.stdout.isTTY || env.CI) return undefined;
  if (platform === 'darwin') return 'open';
  return env.DISPLAY || env.WAYLAND_DISPLAY ? 'xdg-open' : undefined;
}
