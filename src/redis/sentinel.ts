/**
 * Finds the master by way of Sentinel, and leaves it when Sentinel has named another.
 *
 * A master that hangs keeps its sockets open, so its clients must be told of a failover (measured: a client that is not told stays for good).
 * ioredis has a detector for that, `failoverDetector`; but where the news comes while the client is looking for the master already, it ends
 * the client for ever (measured: about one failover in five, when the master was killed). Here the news ends a socket, never a client.
 *
 * S1. A watch lives exactly as long as the socket it watches.
 */
import type { Socket } from 'node:net';
import { Redis, type RedisOptions, type SentinelConnectionOptions, SentinelConnector } from 'ioredis';

export class WatchingSentinelConnector extends SentinelConnector {
  /** Called by ioredis with the options of the client. */
  constructor(options: unknown) {
    if (!hasSentinels(options)) throw new Error('a Sentinel connection needs the addresses of its Sentinels');
    super(options);
  }

  override async connect(emit: Parameters<SentinelConnector['connect']>[0]): ReturnType<SentinelConnector['connect']> {
    const socket = await super.connect(emit);
    const { sentinels = [], name = '' } = this.options;
    const watches = sentinels.map((address) => watch({ ...this.sentinelLogin(), ...address }, name, socket));
    // S1.
    socket.once('close', () => {
      for (const client of watches) client.disconnect();
    });
    return socket;
  }

  private sentinelLogin(): RedisOptions {
    const { sentinelUsername, sentinelPassword, sentinelTLS, enableTLSForSentinelMode } = this.options;
    return {
      ...(sentinelUsername === undefined ? {} : { username: sentinelUsername }),
      ...(sentinelPassword === undefined ? {} : { password: sentinelPassword }),
      ...(enableTLSForSentinelMode === true ? { tls: sentinelTLS ?? {} } : {}),
    };
  }
}

/** Ends the socket once this Sentinel says that the master has moved. The message: name, old address and port, new address and port. */
function watch(options: RedisOptions, master: string, socket: Socket): Redis {
  const client = new Redis({
    ...options,
    connectTimeout: 3000,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(100 * attempt, 2000),
  });
  client.on('error', () => undefined);
  client.on('message', (_channel: string, text: string) => {
    if (text.split(' ')[0] === master) socket.destroy();
  });
  client.subscribe('+switch-master').catch(() => undefined);
  return client;
}

function hasSentinels(options: unknown): options is SentinelConnectionOptions {
  return typeof options === 'object' && options !== null && 'sentinels' in options && Array.isArray(options.sentinels);
}
