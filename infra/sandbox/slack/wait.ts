/** Waiting without polling: a condition is looked at again after every change, and a failure shows what there was instead. */
import { visibleText } from './find.ts';
import type { World } from './world.ts';

export interface WaitOptions {
  readonly timeoutMs?: number;
  /** In words, for the failure. */
  readonly what?: string;
}

/** The first value that is neither undefined nor false. Rejects with a picture of every conversation when the time is over. */
export function waitFor<T>(world: World, look: () => T | undefined | false, options: WaitOptions = {}): Promise<T> {
  const { timeoutMs = 10_000, what = 'the expected change' } = options;
  // Made here, so that its stack leads to the waiting line and not to a timer.
  const late = new Error(`not seen within ${timeoutMs} ms: ${what}`);
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      stop();
      finish();
    };
    const check = (): void => {
      try {
        const value = look();
        if (value !== undefined && value !== false) settle(() => resolve(value));
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const timer = setTimeout(() => {
      late.message += `\n${dump(world)}`;
      settle(() => reject(late));
    }, timeoutMs);
    const stop = world.onChange(check);
    check();
  });
}

/** Every conversation with its threads and what people alone see, as text. */
export function dump(world: World): string {
  const channels = [...world.channels.values()].filter((each) => world.all(each.id).length > 0);
  const said = channels.flatMap((channel) => [
    `#${channel.name}`,
    ...world.timeline(channel.id).flatMap((top) => threadLines(world, channel.id, top.ts)),
  ]);
  const alone = [...world.users.values()].flatMap((user) =>
    world.ephemerals(user.id).map((each) => `  only ${user.name} sees: ${oneLine(visibleText(each))}`),
  );
  const modals = [...world.users.values()].flatMap((user) =>
    world.openViews(user.id).map((each) => `  ${user.name} has the modal ${each.id} open`),
  );
  return [...said, ...alone, ...modals].join('\n') || '(nothing was said anywhere)';
}

function threadLines(world: World, channel: string, ts: string): readonly string[] {
  const name = (id: string): string => world.users.get(id)?.name ?? id;
  return world
    .thread(channel, ts)
    .map((each, at) => `${at === 0 ? '  ' : '    └ '}${each.ts} ${name(each.user)}: ${oneLine(visibleText(each))}`);
}

function oneLine(text: string): string {
  const line = text.replaceAll('\n', ' ⏎ ');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
