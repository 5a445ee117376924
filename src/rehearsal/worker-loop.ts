import { createDriver } from '../worker/drive.ts';
import type { Move } from '../worker/hands.ts';
import { RUN, type Stage } from './stage.ts';

/** As keyturn.ts puts it together: a nudge drives, news end a wait, and what a drive wishes for comes by the clock. */
export function createWorker({ clock, hands, notebook }: Pick<Stage, 'clock' | 'hands' | 'notebook'>) {
  const driver = createDriver(hands);
  const stop = new AbortController();
  let isDriving = false;
  let failure: { readonly error: unknown } | undefined;
  let callOff = (): void => undefined;

  function drive(): void {
    if (isDriving || stop.signal.aborted) return;
    callOff();
    isDriving = true;
    driver.drive(RUN, stop.signal).then(arm, (error: unknown) => {
      failure ??= { error };
    });
  }

  function arm(move: Move): void {
    isDriving = false;
    if (move.kind === 'again') drive();
    if (move.kind === 'later') callOff = clock.after(move.ms, drive);
  }

  return {
    async nudge(): Promise<void> {
      driver.news(RUN, notebook.recorded().length);
      drive();
    },
    check(): void {
      if (failure !== undefined) throw failure.error;
    },
    stop: () => stop.abort(),
  };
}
