/** Files on a real sshd: what one is, and what is in it. */
import { randomBytes } from 'node:crypto';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFacts } from '../../src/ssh/file-look.ts';
import { anotherUser, names, sha256 } from './file-world.ts';
import { onlyPrograms } from './hosts.ts';
import { createLayer, type Layer, type Sshd, startSshd } from './support.ts';

let sshd: Sshd;
let layer: Layer;

beforeAll(async () => {
  sshd = await startSshd();
  layer = createLayer(sshd);
});
afterAll(async () => {
  await layer.close();
  await sshd.stop();
});

const at = (name: string): string => join(sshd.home, name);
const file = (name: string, content: Buffer | string): string => {
  writeFileSync(at(name), content);
  return at(name);
};

describe('describe', () => {
  test('a file is told as stat and sha256sum tell it', async () => {
    const path = file('plain', 'content\n');
    chmodSync(path, 0o640);
    const { uid, gid } = statSync(path);
    const names = (kind: string, id: number) =>
      readFileSync(`/etc/${kind}`, 'utf8')
        .split('\n')
        .find((line) => line.split(':')[2] === `${id}`)
        ?.split(':')[0];
    expect(await layer.files.describe(sshd.target, path)).toEqual({
      ...{ kind: 'file', bytes: 8, mode: '0640', owner: names('passwd', uid), group: names('group', gid) },
      ...{ sha256: sha256('content\n'), link: false },
    });
    chmodSync(path, 0o4755);
    expect(await layer.files.describe(sshd.target, path)).toMatchObject({ mode: '4755' });
  });

  test.each(names)('a name like “%s” is taken as it is', async (name) => {
    const content = randomBytes(100);
    expect(await layer.files.describe(sshd.target, file(name, content))).toMatchObject({ kind: 'file', sha256: sha256(content) });
    expect(await layer.files.read(sshd.target, at(name), 100)).toMatchObject({ kind: 'file', content });
    expect(await layer.files.describe(sshd.target, at(`not ${name}`))).toEqual({ kind: 'missing' });
    expect(existsSync(at('hacked'))).toBe(false);
  });

  test('what is no file is told by what it is', async () => {
    mkdirSync(at('folder'));
    symlinkSync(at('nothing'), at('leads-nowhere'));
    symlinkSync(file('led-to', 'x'), at('leads-to-a-file'));
    const describe = (path: string) => layer.files.describe(sshd.target, path);
    expect(await describe(at('folder'))).toEqual({ kind: 'notAFile', what: 'a folder' });
    expect(await describe('/dev/null')).toEqual({ kind: 'notAFile', what: 'a device, a pipe or a socket' });
    expect(await describe(at('leads-nowhere'))).toEqual({ kind: 'notAFile', what: 'a link that leads nowhere' });
    expect(await describe(at('leads-to-a-file'))).toMatchObject({ kind: 'file', bytes: 1, link: true });
    expect(await describe(at('led-to/below'))).toEqual({ kind: 'missing' });
  });

  test('what may not be read is told with the reason', async () => {
    const other = await anotherUser(sshd);
    const locked = file('locked', 'secret');
    chmodSync(locked, 0o000);
    mkdirSync(at('shut'));
    file('shut/inside', 'x');
    chmodSync(at('shut'), 0o000);
    for (const path of [locked, at('shut/inside')])
      expect(await other.layer.files.describe(other.target, path)).toEqual({ kind: 'unreadable', why: 'Permission denied' });
    chmodSync(at('shut'), 0o700);
    await other.close();
  });

  test('a file that is written to all the time is told so', async () => {
    const path = file('busy', Buffer.alloc(30_000_000));
    const writer = setInterval(() => appendFileSync(path, 'more'), 2);
    const described = await layer.files.describe(sshd.target, path);
    const read = await layer.files.read(sshd.target, path, 100_000_000);
    clearInterval(writer);
    for (const seen of [described, read]) expect(seen).toEqual({ kind: 'unreadable', why: 'it changes while it is read' });
  });

  test('a host that is out of reach is refused', async () => {
    const nowhere = { ...sshd.target, port: 1 };
    expect(await layer.files.describe(nowhere, '/x')).toMatchObject({ kind: 'refused', why: { code: 'UNREACHABLE' } });
    expect(await layer.files.read(nowhere, '/x', 1)).toMatchObject({ kind: 'refused', why: { code: 'UNREACHABLE' } });
  });

  test.each(['relative', '', '/line\nend', '/nul\0'])('the path %j is refused before anything is sent', async (path) => {
    const nowhere = { ...sshd.target, port: 1 };
    const expected = { code: 'FILE_PATH', message: expect.stringContaining('begins with a slash') };
    await expect(layer.files.describe(nowhere, path)).rejects.toMatchObject(expected);
    await expect(layer.files.copy({ from: { file: '/x' }, to: { target: nowhere, path } })).rejects.toMatchObject(expected);
  });

  test.each([['openssl'], ['shasum'], ['sha256sum']])('a host that has only %s will do', async (program) => {
    const perl = program === 'shasum' ? ['perl'] : [];
    const host = await onlyPrograms([program, ...perl, 'ls', 'stat', 'cat', 'wc', 'rm']);
    const described = await host.layer.files.describe(host.sshd.target, file('digested', 'x'));
    const copied = await host.layer.files.copy({
      from: { file: at('digested') },
      to: { target: host.sshd.target, path: at('.x.keyturn-1-1.part') },
    });
    await host.close();
    expect(described).toMatchObject({ kind: 'file', sha256: sha256('x') });
    expect(copied).toEqual({ kind: 'copied', bytes: 1, sha256: sha256('x') });
  });

  test('a host without any of them is told so', async () => {
    const host = await onlyPrograms(['ls', 'stat', 'cat', 'wc', 'rm']);
    const described = await host.layer.files.describe(host.sshd.target, file('undigested', 'x'));
    const to = at('.y.keyturn-1-1.part');
    const copied = await host.layer.files.copy({ from: { file: at('undigested') }, to: { target: host.sshd.target, path: to } });
    await host.close();
    expect(described).toMatchObject({ kind: 'unreadable', why: expect.stringContaining('sha256sum') });
    expect(copied).toMatchObject({ kind: 'failed', why: expect.stringContaining('SHA-256') });
    expect(existsSync(to)).toBe(false);
  });

  test('the stat of a BSD is read as well', () => {
    const facts = '7 0644 501 20\nops\nstaff\n1234 1790000000.123456789 1790000000.123456789\n';
    const told = `link\n${facts}${sha256('x')}  -\n${facts}`;
    expect(readFacts(told, true)).toMatchObject({
      ...{ kind: 'file', sha256: sha256('x'), facts: { bytes: 7, mode: '0644', owner: 'ops', group: 'staff', link: true } },
    });
  });
});

describe('read', () => {
  test('bytes that are no text come exactly', async () => {
    const content = Buffer.concat([randomBytes(50_000), Buffer.from([0, 10, 13, 0xff, 10, 10])]);
    expect(await layer.files.read(sshd.target, file('binary', content), 100_000)).toMatchObject({
      ...{ kind: 'file', bytes: content.length, content, sha256: sha256(content) },
    });
    expect(await layer.files.read(sshd.target, file('empty', ''), 0)).toMatchObject({ kind: 'file', bytes: 0, content: Buffer.alloc(0) });
  });

  test('a file beyond the limit is not read', async () => {
    expect(await layer.files.read(sshd.target, file('long', 'x'.repeat(1001)), 1000)).toEqual({ kind: 'tooLarge', bytes: 1001 });
    expect(await layer.files.read(sshd.target, at('none'), 1000)).toEqual({ kind: 'missing' });
  });
});
