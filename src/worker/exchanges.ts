/** Machines that were exchanged under a host's name: connections to the old one are let go, once in this process for each exchange. */
import { findHost } from '../inventory/hosts.ts';
import type { RunState } from '../run/state.ts';
import type { Hands } from './hands.ts';
import { targetOf } from './target.ts';

export function createExchanges(hands: Pick<Hands, 'forget' | 'login'>): { notice(state: RunState): void } {
  const noticed = new Map<string, number>();
  return {
    notice(state) {
      if (state.exchanged.length === (noticed.get(state.run) ?? 0)) return;
      for (const name of state.exchanged.slice(noticed.get(state.run) ?? 0)) {
        const host = findHost(state.cluster, name);
        if (host !== undefined) hands.forget(targetOf(state.cluster, host, hands.login));
      }
      noticed.set(state.run, state.exchanged.length);
    },
  };
}
