/** `keyturn factor`: by its rules on a real Redis with a clock of the test's own, then as a real process from the first enrolment to a reset. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import pino from 'pino';
import { enrol, type FactorOffice, list, reset } from '../../src/cli/factor.ts';
import type { CliWorld } from '../../src/cli/world.ts';
import { createFactors } from '../../src/factor/factors.ts';
import { codeAt, stepOf } from '../../src/factor/totp.ts';
import { openInstallationKey } from '../../src/installation-key.ts';
import { createRegister, type RegisterEvent } from '../../src/journal/register.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { converse, secretIn, type Typed } from '../support/authenticator.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { type Cli, clusterFile, createCli } from './world.ts';

const DANA = 'U0DANA0001';
const SAM = 'U0SAM00001';
const LEE = 'U0LEE00001';
const STEP = 30_000;
const log = pino({ level: 'silent' });

let server: TestRedis;
let redis: RedisClient;
beforeAll(async () => {
  server = await startRedis();
  redis = await connectRedis(server.url, { role: 'journal', log });
});
afterAll(async () => {
  await disconnectRedis(redis);
  await server.stop();
});
beforeEach(() => redis.flushall());

describe('the rules', () => {
  let now = 1_790_000_010_000;
  let registered: RegisterEvent[];
  let office: FactorOffice;
  const secrets = new Map<string, Buffer>();
  beforeEach(() => {
    now += 1_000 * STEP;
    registered = [];
    secrets.clear();
    office = {
      factors: createFactors({ redis, key: randomBytes(32), log }),
      register: {
        append: async (event) => {
          registered.push(event);
          return { kind: 'appended', seq: registered.length };
        },
      },
      administrators: [DANA, SAM],
      now: () => now,
    };
  });

  async function at(keyboard: readonly (string | Typed)[], work: (world: CliWorld) => Promise<number>) {
    const lines = [...keyboard];
    const said: string[] = [];
    const asked: string[] = [];
    const say = (line: string) => void said.push(line);
    const type = async (question: string) => {
      asked.push(question);
      const line = lines.shift();
      return typeof line === 'function' ? line(said.join('\n')) : line;
    };
    const world: CliWorld = { env: {}, say, complain: say, print: async (piece) => say(piece), ask: async () => false, type };
    const code = await work(world);
    return { code, said: said.join('\n'), asked };
  }

  /** With the app of the new person in their hand. */
  function app(user: string): Typed {
    return (said) => {
      secrets.set(user, secretIn(said));
      return codeOf(user);
    };
  }
  const codeOf = (user: string): string => codeAt(secrets.get(user) ?? Buffer.alloc(20), now);

  function enrolling(user: string, by: string, ...keyboard: readonly (string | Typed)[]) {
    now += 2 * STEP;
    return at(keyboard, (world) => enrol(world, office, user, by));
  }
  function resetting(user: string, by: string, reason: string, ...keyboard: readonly (string | Typed)[]) {
    now += 2 * STEP;
    return at(keyboard, (world) => reset(world, office, user, by, reason));
  }
  const adminsCode = (): string => codeOf(DANA);

  async function two(): Promise<void> {
    expect((await enrolling(DANA, DANA, app(DANA))).code).toBe(0);
    expect((await enrolling(SAM, DANA, adminsCode, app(SAM))).code).toBe(0);
    registered.length = 0;
  }

  test('the very first administrator needs nobody’s code', async () => {
    const { code, said, asked } = await enrolling(DANA, DANA, app(DANA));
    expect(code).toBe(0);
    expect(asked).toHaveLength(1);
    expect(said).toContain('is the first one of all');
    expect(registered).toEqual([{ kind: 'factorEnrolled', user: DANA, by: DANA }]);
    now += STEP;
    expect((await office.factors.verify(DANA, codeOf(DANA), 'x', now)).kind).toBe('proved');
  });

  test('everybody else is enrolled by an administrator with a code of their own', async () => {
    await enrolling(DANA, DANA, app(DANA));
    const { code, asked } = await enrolling(LEE, DANA, adminsCode, app(LEE));
    expect({ code, asked: asked.length }).toEqual({ code: 0, asked: 2 });
    expect(registered.at(-1)).toEqual({ kind: 'factorEnrolled', user: LEE, by: DANA });
    expect((await at([], (world) => list(world, office))).said).toMatch(
      /U0DANA0001 .*administrator\n.*U0LEE00001 .* by U0DANA0001\n.*U0SAM00001 +administrator, not enrolled/s,
    );
  });

  test('the secret is shown once, and only when everything was proved', async () => {
    await enrolling(DANA, DANA, app(DANA));
    const refused = await enrolling(LEE, DANA, '739150', '739151', '739152');
    expect(refused.code).toBe(1);
    expect(refused.said).not.toContain('otpauth');
    const { said } = await enrolling(LEE, DANA, adminsCode, app(LEE));
    expect(said.match(/otpauth:/g)).toHaveLength(1);
    expect(said).toContain('█');
  });

  test.each([
    ['nobody is enrolled and somebody else comes first', SAM, DANA, [], 'comes first, without a code'],
    ['the one who enrols is no administrator', SAM, LEE, [], 'is no administrator of Keyturn'],
    ['an id is a name', 'sam', DANA, [], 'is no id of a Slack user'],
    ['an id is of a group', 'S0LEADS', DANA, [], 'is no id of a Slack user'],
  ] as const)('where %s, nothing is done', async (_what, user, by, keyboard, fragment) => {
    const { code, said } = await enrolling(user, by, ...keyboard);
    expect(code).toBe(2);
    expect(said).toContain(fragment);
    expect(registered).toEqual([]);
    expect(await office.factors.list()).toEqual([]);
  });

  test('nobody enrols or resets themselves later', async () => {
    await two();
    expect(await enrolling(SAM, SAM, () => codeOf(SAM))).toMatchObject({
      code: 2,
      said: expect.stringContaining('Nobody can enrol themselves'),
    });
    expect(await resetting(SAM, SAM, 'lost it', () => codeOf(SAM))).toMatchObject({ code: 2 });
    expect(registered).toEqual([]);
  });

  test('an administrator who is not enrolled enrols nobody', async () => {
    await enrolling(DANA, DANA, app(DANA));
    const { code, said } = await enrolling(LEE, SAM, '123456');
    expect(code).toBe(1);
    expect(said).toContain('You have no second factor here');
    expect(await office.factors.isEnrolled(LEE)).toBe(false);
  });

  test('an administrator’s code does one thing only', async () => {
    await two();
    const spent = (): string => codeOf(DANA);
    await enrolling(LEE, DANA, spent, app(LEE));
    const again = await at([spent, spent, spent], (world) => reset(world, office, LEE, DANA, 'lost it'));
    expect(again.code).toBe(1);
    expect(again.said).toContain('used already');
    expect(await office.factors.isEnrolled(LEE)).toBe(true);
  });

  test('wrong codes at the keyboard lock as those in Slack do', async () => {
    await two();
    await enrolling(LEE, DANA, '739150', '739151', '739152');
    now -= 2 * STEP;
    const { said, asked } = await enrolling(LEE, DANA, '739150', '739151', adminsCode);
    expect(asked).toHaveLength(2);
    expect(said).toContain('Too many wrong codes');
  });

  test('an app that shows another code is not enrolled', async () => {
    const { code, said } = await enrolling(DANA, DANA, '12', '739150', '739151');
    expect(code).toBe(1);
    expect(said).toContain('six digits');
    expect(said).toContain('was not enrolled');
    expect(registered).toEqual([]);
    expect(await office.factors.list()).toEqual([]);
  });

  test('an end of the input in the middle enrols nobody', async () => {
    expect((await enrolling(DANA, DANA)).code).toBe(1);
    expect(await office.factors.list()).toEqual([]);
    await enrolling(DANA, DANA, app(DANA));
    expect((await enrolling(SAM, DANA)).said).toContain('No code was typed');
  });

  test('nobody is enrolled twice without a reset', async () => {
    await two();
    expect(await enrolling(SAM, DANA, adminsCode)).toMatchObject({ code: 1, said: expect.stringContaining('needs a reset first') });
    expect((await resetting(SAM, DANA, ' lost the telephone ', adminsCode)).code).toBe(0);
    expect(registered).toEqual([{ kind: 'factorReset', user: SAM, by: DANA, reason: 'lost the telephone' }]);
    expect((await office.factors.verify(SAM, codeOf(SAM), 'x', now)).kind).toBe('notEnrolled');
    expect((await enrolling(SAM, DANA, adminsCode, app(SAM))).code).toBe(0);
  });

  test.each([
    ['without a reason', SAM, '  ', 2],
    ['of somebody who is not enrolled', LEE, 'lost it', 1],
  ])('a reset %s does nothing', async (_what, user, reason, exit) => {
    await two();
    expect((await resetting(user, DANA, reason, adminsCode)).code).toBe(exit);
    expect(registered).toEqual([]);
  });

  test('what cannot be recorded is not done', async () => {
    await enrolling(DANA, DANA, app(DANA));
    office = { ...office, register: { append: () => Promise.reject(new Error('no register')) } };
    await expect(enrolling(SAM, DANA, adminsCode, app(SAM))).rejects.toThrow('no register');
    expect(await office.factors.isEnrolled(SAM)).toBe(false);
  });
});

describe('as a process', () => {
  let cli: Cli;
  let key: Awaited<ReturnType<typeof openInstallationKey>>;
  beforeEach(async () => {
    cli = createCli();
    cli.write('data/.keep', '');
    key = await openInstallationKey(`${cli.folder}/data/installation.key`);
    Object.assign(cli.env, { REDIS_URL: server.url, KEYTURN_ADMINISTRATORS: `${DANA},${SAM}` });
  });
  afterEach(() => cli.close());

  const here = (path: string): string => resolve(import.meta.dirname, path);

  const program = [here('../../dist/src/cli/main.js')];
  const world = () => ({ cwd: cli.folder, env: { PATH: process.env.PATH, HOME: cli.folder, ...cli.env } });
  const keyturn = (args: readonly string[], answers: readonly Typed[] = []) => converse([...program, ...args], world(), answers);

  test('from the first enrolment to a reset, in the register', async () => {
    let dana: Buffer = Buffer.alloc(0);
    // The oldest code that counts, so that two later ones are left; typed again if it is too old by the time it arrives.
    const oldest = (out: string): string => {
      dana = secretIn(out);
      return codeAt(dana, Date.now() - STEP);
    };
    expect((await keyturn(['factor', 'enrol', DANA, '--by', DANA], [oldest, oldest])).code).toBe(0);
    let sam: Buffer = Buffer.alloc(0);
    const second = await keyturn(
      ['factor', 'enrol', SAM, '--by', DANA],
      [
        () => codeAt(dana, Date.now()),
        (out) => {
          sam = secretIn(out);
          return codeAt(sam, Date.now());
        },
      ],
    );
    expect(second).toMatchObject({ code: 0, err: '' });

    const factors = createFactors({ redis, key: key('factor'), log });
    const later = Date.now() + STEP;
    expect(await factors.verify(SAM, codeAt(sam, later), 'digest', later)).toEqual({ kind: 'proved', about: 'digest' });
    expect((await keyturn(['factor', 'list'])).out).toMatch(/U0DANA0001 .*administrator\nU0SAM00001 .* by U0DANA0001, administrator/);

    const gone = await keyturn(['factor', 'reset', SAM, '--by', DANA, '--reason', 'lost it'], [() => codeAt(dana, Date.now() + STEP)]);
    expect(gone).toMatchObject({ code: 0, err: '' });
    expect(await factors.isEnrolled(SAM)).toBe(false);
    const register = createRegister({ redis, key: key('register') });
    expect((await register.read()).map(({ event }) => event)).toEqual([
      { kind: 'factorEnrolled', user: DANA, by: DANA },
      { kind: 'factorEnrolled', user: SAM, by: DANA },
      { kind: 'factorReset', user: SAM, by: DANA, reason: 'lost it' },
    ]);
    expect(await register.verify()).toEqual([]);
  }, 60_000);

  test('a pipe that ends enrols nobody and ends the process', async () => {
    const { code, err } = await keyturn(['factor', 'enrol', DANA, '--by', DANA]);
    expect(code).toBe(1);
    expect(err).toContain('was not enrolled');
  }, 30_000);

  test('lines that come all at once are each read', async () => {
    const child = spawn(process.execPath, [...program, 'factor', 'enrol', DANA, '--by', DANA], { ...world(), stdio: 'pipe' });
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.stdout.resume();
    child.stdin.end('1\r\n22\n333\n');
    await once(child, 'close');
    expect(err.match(/six digits/g)).toHaveLength(3);
  }, 30_000);

  test('help teaches by example, and a missing --by is told', async () => {
    const help = await cli.run('factor', '--help');
    expect(help).toMatchObject({ code: 0, out: expect.stringContaining('$ keyturn factor enrol U0SAM00001 --by U0DANA0001') });
    expect(await cli.run('factor', 'enrol', DANA)).toMatchObject({ code: 2, err: expect.stringContaining('--by') });
  });

  test('without the key file of the bot nothing is sealed', async () => {
    cli.env.KEYTURN_KEY_FILE = `${cli.folder}/data/nothing.key`;
    expect(await cli.run('factor', 'list')).toMatchObject({ code: 2, err: expect.stringContaining('There is no installation key') });
  });

  test('with another key than the journals’ nothing is sealed', async () => {
    await cli.run('factor', 'list');
    await openInstallationKey(`${cli.folder}/data/other.key`);
    cli.env.KEYTURN_KEY_FILE = `${cli.folder}/data/other.key`;
    expect(await cli.run('factor', 'list')).toMatchObject({ code: 2, err: expect.stringContaining('another installation key') });
  });

  describe('the doctor', () => {
    const guard = (name: string, more = ''): void => {
      const file = clusterFile(name, 1).replace('approve: [U0SAM00001]', `approve: [${SAM}, ${LEE}]\nsecond_factor: totp${more}`);
      cli.write(`clusters/${name}.yaml`, file);
    };

    test('says who of the named approvers is not enrolled', async () => {
      guard('shop-prod');
      const factors = createFactors({ redis, key: key('factor'), log });
      const secret = randomBytes(20);
      const at = Date.now();
      await factors.enrol({ user: SAM, secret, step: stepOf(secret, codeAt(secret, at), at) ?? 0, by: DANA, at, first: false });
      const { out } = await cli.run('doctor', 'shop-prod');
      expect(out).toMatch(/warning {2}shop-prod second factor: not enrolled: U0LEE00001; .*keyturn factor enrol/);
      await factors.enrol({ user: LEE, secret, step: stepOf(secret, codeAt(secret, at), at) ?? 0, by: DANA, at, first: false });
      expect((await cli.run('doctor', 'shop-prod')).out).toContain('everybody whom its file names is enrolled');
    });

    test('looks at those who may override a freeze window as well', async () => {
      guard(
        'shop-prod',
        `\nfreeze: { time_zone: Europe/Berlin, override: [U0NIGHT001], windows: [{ title: Night, from: '22:00', to: '06:00' }] }`,
      );
      expect((await cli.run('doctor', 'shop-prod')).out).toMatch(/not enrolled: .*U0NIGHT001; .*override/);
    });

    test('wants two administrators', async () => {
      guard('shop-prod');
      cli.env.KEYTURN_ADMINISTRATORS = DANA;
      expect((await cli.run('doctor', 'shop-prod')).out).toContain('whom nobody can reset if their device is lost');
      cli.env.KEYTURN_ADMINISTRATORS = '';
      expect((await cli.run('doctor', 'shop-prod')).out).toContain('nobody can be enrolled');
    });

    test('says nothing where no cluster wants a second factor', async () => {
      cli.write('clusters/shop-prod.yaml', clusterFile('shop-prod', 1));
      expect((await cli.run('doctor', 'shop-prod')).out).not.toContain('second factor');
    });
  });
});
