/** The app's manifests, the guide and the code say the same about scopes, words and methods. */
import { readdirSync, readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { z } from 'zod';
import { WORDS } from '../../src/slack/command.ts';
import { EVENTS_PATH } from '../../src/slack/http-door.ts';
import { MENTION_WORDS } from '../../src/slack/mention.ts';
import { FILE_SCOPE, MENTION_EVENT, MENTION_SCOPE, MESSAGE_SUBSCRIPTIONS, WANTED_SCOPES } from '../../src/slack/web.ts';

const schema = z.object({
  features: z.object({
    slash_commands: z
      .array(z.object({ command: z.string(), usage_hint: z.string(), should_escape: z.boolean(), url: z.string().optional() }))
      .length(1),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({
    event_subscriptions: z.strictObject({ request_url: z.string().optional(), bot_events: z.array(z.string()) }),
    interactivity: z.object({ is_enabled: z.literal(true), request_url: z.string().optional() }),
    socket_mode_enabled: z.boolean(),
    token_rotation_enabled: z.literal(false),
  }),
});
const read = (kind: string) => schema.parse(load(readFileSync(`infra/slack/manifest.${kind}.yaml`, 'utf8')));
const guide = readFileSync('docs/slack-setup.md', 'utf8');

describe.each(['socket', 'http'])('the manifest for %s', (kind) => {
  const manifest = read(kind);
  const command = manifest.features.slash_commands[0];

  test('asks for exactly the scopes that doctor looks for', () => {
    expect([...manifest.oauth_config.scopes.bot].sort()).toEqual([...WANTED_SCOPES, MENTION_SCOPE, FILE_SCOPE].sort());
  });

  test('subscribes to exactly the events that are listened to', () => {
    expect(manifest.settings.event_subscriptions.bot_events).toEqual([MENTION_EVENT, ...MESSAGE_SUBSCRIPTIONS]);
    const listened = readFileSync('src/slack/listeners.ts', 'utf8').match(/app\.(event|message)\(.*?,/g);
    expect(listened).toEqual(['app.event(MENTION_EVENT,', 'app.event(MESSAGE_EVENT,']);
  });

  test('names every word of the command', () => {
    expect(command?.command).toBe('/ha');
    for (const word of WORDS) expect(command?.usage_hint).toContain(word);
    expect(command?.should_escape).toBe(false);
  });

  test('fits its transport', () => {
    const { interactivity, event_subscriptions: events } = manifest.settings;
    const urls = [command?.url, interactivity.request_url, events.request_url];
    expect(manifest.settings.socket_mode_enabled).toBe(kind === 'socket');
    for (const url of urls) expect(url === undefined ? undefined : new URL(url).pathname).toBe(kind === 'socket' ? undefined : EVENTS_PATH);
  });
});

test('the guide explains every scope', () => {
  for (const scope of [...WANTED_SCOPES, MENTION_SCOPE, FILE_SCOPE, 'usergroups:read', 'connections:write'])
    expect(guide).toContain(`\`${scope}\``);
});

test('the guide explains the event and every word of a mention', () => {
  for (const event of [MENTION_EVENT, ...MESSAGE_SUBSCRIPTIONS]) expect(guide).toContain(`\`${event}\``);
  expect(guide).not.toContain('no events');
  for (const word of MENTION_WORDS) expect(guide).toMatch(new RegExp(`\`@Keyturn[^\`]*\\b${word}\\b`));
});

test('the guide lists every method that is called', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const sources = files.map((file) => readFileSync(`src/${file}`, 'utf8')).join('\n');
  const called = [
    ...sources.matchAll(/\b(?:web|client)\.((?:apps|auth|chat|conversations|files|pins|reactions|usergroups|users|views)(?:\.\w+)+)\(/g),
  ];
  const methods = new Set(called.map((match) => match[1] ?? ''));
  expect(methods.size).toBeGreaterThan(5);
  for (const method of methods) expect(guide).toContain(`\`${method}\``);
});
