/** The parts that the rooms of the sandbox share; put together once in `server.ts`. */
import type { Calls } from './calls.ts';
import type { Delivery } from './delivery.ts';
import type { Faults } from './faults.ts';
import type { Settings } from './options.ts';
import type { RateLimiter } from './rate-limit.ts';
import type { SocketMode } from './socket-mode.ts';
import type { Tickets } from './tickets.ts';
import type { World } from './world.ts';

export interface Core {
  readonly settings: Settings;
  readonly world: World;
  readonly tickets: Tickets;
  readonly faults: Faults;
  readonly calls: Calls;
  readonly limiter: RateLimiter;
  readonly sockets: SocketMode;
  readonly delivery: Delivery;
  readonly now: () => number;
  /** http://host:port, without a slash at the end. */
  readonly origin: string;
}
