/** Trigger ids (short, once) and response URLs (five uses, thirty minutes). */
import type { Settings } from './options.ts';
import type { World } from './world.ts';

/** Where the answers to one command or click go. */
export interface ResponseChain {
  readonly id: string;
  readonly user: string;
  readonly channel: string;
  readonly thread_ts?: string;
  /** The message whose button was pressed; `replace_original` and `delete_original` mean this one. */
  readonly source?: string;
  /** The ephemeral of this chain, whether pressed or answered with before. */
  ephemeral?: string;
  readonly shown: string[];
  readonly expires: number;
  usesLeft: number;
}

export type TriggerUse =
  | { readonly kind: 'valid'; readonly user: string; readonly view?: string }
  | { readonly kind: 'refused'; readonly error: 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id' };

interface Trigger {
  readonly user: string;
  readonly view?: string;
  readonly expires: number;
  used: boolean;
}

export class Tickets {
  private readonly world: World;
  private readonly settings: Settings;
  private readonly now: () => number;
  private readonly triggers = new Map<string, Trigger>();
  private readonly chains = new Map<string, ResponseChain>();

  constructor(world: World, settings: Settings, now: () => number) {
    this.world = world;
    this.settings = settings;
    this.now = now;
  }

  /** A trigger of this person; `view` when it came out of an open modal. */
  issueTrigger(user: string, view?: string): string {
    const id = `${this.now()}.${this.world.nextId('TR')}`;
    this.triggers.set(id, {
      user,
      expires: this.now() + this.settings.triggerLifetimeMs,
      used: false,
      ...(view === undefined ? {} : { view }),
    });
    return id;
  }

  exchangeTrigger(id: string): TriggerUse {
    const trigger = this.triggers.get(id);
    if (trigger === undefined) return { kind: 'refused', error: 'invalid_trigger_id' };
    if (trigger.used) return { kind: 'refused', error: 'exchanged_trigger_id' };
    if (this.now() > trigger.expires) return { kind: 'refused', error: 'expired_trigger_id' };
    trigger.used = true;
    return { kind: 'valid', user: trigger.user, ...(trigger.view === undefined ? {} : { view: trigger.view }) };
  }

  openChain(where: Pick<ResponseChain, 'user' | 'channel' | 'thread_ts' | 'source' | 'ephemeral'>): ResponseChain {
    const chain: ResponseChain = {
      id: this.world.nextId('R'),
      shown: [],
      expires: this.now() + this.settings.responseUrlLifetimeMs,
      usesLeft: 5,
      ...where,
    };
    this.chains.set(chain.id, chain);
    return chain;
  }

  /** The chain of a response URL while it may still be used; each call counts as one use. */
  useChain(id: string): ResponseChain | undefined {
    const chain = this.chains.get(id);
    if (chain === undefined || chain.usesLeft === 0 || this.now() > chain.expires) return undefined;
    chain.usesLeft -= 1;
    return chain;
  }
}
