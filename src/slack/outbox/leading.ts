/**
 * Owns the lease by which one outbox leads a workspace.
 *
 * L1 A lease that could not be renewed is no lease: it is counted from before it was asked for, on a clock that nobody sets, with a margin.
 */
import type { Logger } from 'pino';
import { explain } from '../../errors.ts';
import type { Lease } from './ports.ts';

const LEASE_MS = 3_000;
const RENEW_MS = 1_000;
const MARGIN_MS = 500;

export interface Leading {
  leads(): boolean;
  start(): void;
  /** Gives the lease back; after it nothing may be sent. */
  stop(): Promise<void>;
}

export type LeadingOptions = {
  readonly leases: Lease;
  readonly name: string;
  readonly owner: string;
  readonly log: Logger;
  /** Called whenever the lease was taken over, or was lost and is back. */
  readonly onBegin: () => void;
  /** Called after each question for the lease, whatever the answer. */
  readonly onBeat?: () => void;
};

export function createLeading({ leases, name, owner, log, onBegin, onBeat }: LeadingOptions): Leading {
  let until = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const leads = (): boolean => !stopped && performance.now() < until;

  async function ask(): Promise<boolean> {
    if (leads()) return leases.renew(name, owner, LEASE_MS);
    return (await leases.acquire(name, owner, LEASE_MS)).kind === 'held';
  }

  async function beat(): Promise<void> {
    const led = leads();
    const asked = performance.now();
    try {
      until = (await ask()) ? asked + LEASE_MS - MARGIN_MS : 0;
    } catch (error) {
      log.debug({ reason: explain(error) }, 'the lease of the outbox could not be asked for');
    }
    onBeat?.();
    if (!led && leads()) onBegin();
  }

  return {
    leads,
    start() {
      timer = setInterval(() => void beat(), RENEW_MS);
      void beat();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await leases.release(name, owner).catch((error: unknown) => log.debug({ reason: explain(error) }, 'the lease runs out by itself'));
    },
  };
}
