/** What people type at the history, and what is made of it. */
import { ALL_RUNS, type Asking, FILTERS, olderWords, parseQuery, type Query, QUERY_HELP, queryWords } from '../../src/history/query.ts';

const NOW = Date.UTC(2026, 4, 31, 12);
const HOUR = 3_600_000;
const asking: Asking = { now: NOW, me: ['U0DANA0001', 'U0DANA0002'], clusters: ['atscale-prod', 'amp'], procedures: ['restart'] };

function parsed(typed: string, by: Partial<Asking> = {}): Query {
  const result = parseQuery(typed, { ...asking, ...by });
  if (result.kind === 'mistake') throw new Error(result.sentences.join(' '));
  return result.query;
}

function mistakes(typed: string, by: Partial<Asking> = {}): readonly string[] {
  const result = parseQuery(typed, { ...asking, ...by });
  return result.kind === 'mistake' ? result.sentences : [];
}

describe('what is looked for', () => {
  test.each<[string, Partial<Query>]>([
    ['', {}],
    ['  \n ', {}],
    ['cluster:atscale-prod', { clusters: ['atscale-prod'] }],
    ['CLUSTER:elsewhere', { clusters: ['elsewhere'] }],
    ['cluster:a cluster:b', { clusters: ['a', 'b'] }],
    ['procedure:restart', { procedures: ['restart'] }],
    ['host:engine-02', { hosts: ['engine-02'] }],
    ['by:U0SAM00001', { by: [['U0SAM00001']] }],
    ['by:@sam', { by: [['sam']] }],
    ['by:<@U0SAM00001|sam>', { by: [['U0SAM00001']] }],
    ['by:"Dana Reyes"', { by: [['Dana Reyes']] }],
    ['by:me by:sam', { by: [['U0DANA0001', 'U0DANA0002'], ['sam']] }],
    ['by:ME', { by: [['U0DANA0001', 'U0DANA0002']] }],
    ['outcome:failed outcome:OPEN', { outcomes: ['failed', 'open'] }],
    ['page:3', { page: 3 }],
    ['older:mfk2x1abc0', { older: Number.parseInt('mfk2x1abc0', 36) }],
    ['Restart ATSCALE-PROD', { procedures: ['restart'], clusters: ['atscale-prod'] }],
    ['"restart"', { words: ['restart'] }],
    ['no space', { words: ['no', 'space'] }],
    ['"no space left"', { words: ['no space left'] }],
    ['“no space left”', { words: ['no space left'] }],
    ['«deux mots»', { words: ['deux mots'] }],
    ['/var/log &lt;tag&gt; a&amp;b', { words: ['/var/log', '<tag>', 'a&b'] }],
    ['https://x.example/y', { words: ['https://x.example/y'] }],
    ['<https://x.example/y|x.example/y>', { words: ['x.example/y'] }],
    ['"error:timeout"', { words: ['error:timeout'] }],
    ['10:30 disk1:full', { words: ['10:30', 'disk1:full'] }],
    ['größe 日本 42', { words: ['größe', '日本', '42'] }],
    ['me', { words: ['me'] }],
  ])('%s', (typed, expected) => {
    expect(parsed(typed)).toEqual({ ...ALL_RUNS, ...expected });
  });

  test.each<[string, number]>([
    ['2026-05-30', Date.UTC(2026, 4, 30)],
    ['2026-05-30T14:00', Date.UTC(2026, 4, 30, 14)],
    ['2026-05-30T14:00:59', Date.UTC(2026, 4, 30, 14, 0, 59)],
    ['2026-05-30T14:00Z', Date.UTC(2026, 4, 30, 14)],
    ['2026-05-30t14:00z', Date.UTC(2026, 4, 30, 14)],
    ['2026-05-30T14:00+02:00', Date.UTC(2026, 4, 30, 12)],
    ['2026-05-30T01:00:30+05:30', Date.UTC(2026, 4, 29, 19, 30, 30)],
    ['2026-05-29T20:00-07:00', Date.UTC(2026, 4, 30, 3)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['12h', NOW - 12 * HOUR],
    ['7d', NOW - 7 * 24 * HOUR],
    ['2W', NOW - 14 * 24 * HOUR],
    ['99999w', NOW - 99_999 * 7 * 24 * HOUR],
  ])('since:%s', (value, expected) => {
    expect(parsed(`since:${value}`).since).toBe(expected);
  });

  test('a day that is named last belongs to what is asked for', () => {
    expect(parsed('until:2026-05-30').until).toBe(Date.UTC(2026, 4, 31));
    expect(parsed('until:2026-05-30T14:00').until).toBe(Date.UTC(2026, 4, 30, 14));
    expect(parsed('since:2026-05-30 until:2026-05-30')).toMatchObject({ since: Date.UTC(2026, 4, 30), until: Date.UTC(2026, 4, 31) });
  });
});

describe('a mistake is told with its place and what is allowed', () => {
  test.each<[string, RegExp]>([
    ['"no space', /^A quote \("\) is opened and never closed\. Write a phrase as `"two words"`\.$/],
    ['host:"a b', /never closed/],
    ['clutser:prod', /^There is no filter `clutser:`\. Allowed: `cluster`, .*`older`\. To look for the text itself, put it into quotes\.$/],
    ['error:"no space"', /^There is no filter `error:`/],
    ['by:me', /^`by:me`: nobody is known here\./],
    ['outcome:splendid', /^`outcome:splendid` is none\. Allowed: `open`, `succeeded`, `failed`, `aborted`, `cancelled`\.$/],
    ['since:yesterday', /^`since:yesterday` is no time\. Allowed: a day as `2026-05-31` \(UTC\), a moment .* or an age as `7d`/],
    ['until:2026-02-31', /^`until:2026-02-31` is no time/],
    ['since:2026-05-31T25:00', /is no time/],
    ['since:2026-05-31T24:30', /is no time/],
    ['since:2026-05-31T14:00+99:00', /is no time/],
    ['since:2026-13-01', /is no time/],
    ['since:2026-05-31T14', /is no time/],
    ['since:7', /is no time/],
    ['since:-7d', /is no time/],
    ['since:1d until:2d', /^`since:` is not before `until:`, so nothing lies between them\.$/],
    ['since:1d since:2d', /^`since:` stands there more than once\. Keep one\.$/],
    ['page:1 page:2', /^`page:` stands there more than once/],
    ['page:0', /^`page:0` is no page\. Allowed: 1 to 10000\.$/],
    ['page:-1', /is no page/],
    ['page:10001', /is no page/],
    ['page:1e3', /is no page/],
    ['older:not-a-place', /^`older:not-a-place` is no place of an answer\. Copy it from the answer before\.$/],
    ['older:zzzzzzzzzzz', /is no place/],
    ['page:2 older:mfk2x1abc0', /^`page:` and `older:` do not go together/],
    ['cluster: atscale-prod', /^`cluster:` has no value\. Write it without a space, as in `cluster:…`\.$/],
    ['host:"  "', /^`host:` has no value/],
    ['by:', /^`by:` has no value/],
    ['***', /^`\*\*\*` holds no letter and no digit, so it is found nowhere\.$/],
    ['"😀"', /^`😀` holds no letter and no digit/],
    [Array.from({ length: 31 }, (_, at) => `w${at}`).join(' '), /^More than 30 words and filters at once\. Use fewer\.$/],
  ])('%s', (typed, sentence) => {
    expect(mistakes(typed, { me: [] })[0]).toMatch(sentence);
  });

  test('every mistake is told at once, and then what there is', () => {
    const told = mistakes('outcome:x page:y since:z');
    expect(told.slice(0, 3).map((sentence) => sentence.slice(0, 12))).toEqual(['`outcome:x` ', '`page:y` is ', '`since:z` is']);
    expect(told.slice(3)).toEqual([QUERY_HELP]);
  });

  test('what was typed is cut, and closes no code of ours', () => {
    const told = mistakes(`outcome:${'`*_<!here>'.repeat(1_000)}`)[0] ?? '';
    expect(told.length).toBeLessThan(250);
    expect(told.match(/`/g)).toHaveLength(12);
  });

  test('the help names every filter that people type', () => {
    for (const filter of FILTERS.filter((each) => each !== 'older')) expect(QUERY_HELP).toContain(`\`${filter}:`);
  });
});

describe('hostile words', () => {
  const LONG = 10_000;
  test.each<[string, string]>([
    ['quotes in a word', `a"b'c\`d`],
    ['operators', 'NOT AND OR NEAR(x) a* ^b {words}:c -d +e'],
    ['NUL', 'a\0b'],
    ['control characters', '\u0001secret:x\u0001'],
    ['an emoji beside letters', 'ok😀👩‍👩‍👧‍👦'],
    ['half of a surrogate pair', 'x\ud83d'],
    ['one word of 10,000 characters', 'x'.repeat(LONG)],
    ['10,000 brackets', `${'<'.repeat(LONG)}x`],
    ['10,000 letters and a colon', `${'a'.repeat(LONG)}:b`],
    ['10,000 quotes', `${'"'.repeat(LONG)}x`],
    ['10,000 bars', `<${'|'.repeat(LONG)}x`],
  ])('%s', (_what, typed) => {
    const began = performance.now();
    const result = parseQuery(typed, asking);
    expect(performance.now() - began).toBeLessThan(500);
    if (result.kind === 'query') expect(result.query.words.length).toBeGreaterThan(0);
    else expect(result.sentences.join('').length).toBeLessThan(2_000);
  });
});

test('what was searched is said in words, and its place can be typed again', () => {
  const query = parsed(
    'atscale-prod restart host:a host:b by:sam outcome:failed since:2026-05-01 until:2026-05-02T03:04 kiwi "no space" older:mfk2x1abc0',
  );
  expect(queryWords(query)).toBe(
    'cluster atscale-prod, procedure restart, host a or b, by sam, outcome failed, since 2026-05-01 00:00 UTC, before 2026-05-02 03:04 UTC, “kiwi”, “no space”, older:mfk2x1abc0',
  );
  expect(queryWords(ALL_RUNS)).toBe('all runs');
  const place = 1_790_000_000_000_003;
  expect(parsed(olderWords(place)).older).toBe(place);
});
