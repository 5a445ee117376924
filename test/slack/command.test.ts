/** What people type, and what it means. */
import { type Known, parseCommand } from '../../src/slack/command.ts';

const known: Known = {
  procedures: [
    { name: 'restart', product: 'atscale' },
    { name: 'failover', product: 'atscale' },
    { name: 'restart', product: 'vertica' },
    { name: 'backup', product: 'vertica' },
  ],
  clusters: [
    { name: 'atscale-prod', product: 'atscale' },
    { name: 'atscale-test', product: 'atscale' },
    { name: 'vertica-prod', product: 'vertica' },
  ],
};

const start = (params: Record<string, string> = {}) => ({ kind: 'start', procedure: 'restart', cluster: 'atscale-prod', params });

test.each([
  ['', { kind: 'help', procedure: undefined }],
  ['   ', { kind: 'help', procedure: undefined }],
  ['help', { kind: 'help', procedure: undefined }],
  ['help restart', { kind: 'help', procedure: 'restart' }],
  ['help plan', { kind: 'help', procedure: undefined }],
  ['list', { kind: 'list' }],
  ['export run7f3k2q', { kind: 'export', run: 'run7f3k2q', format: 'html' }],
  ['export RUN7F3K2Q Json', { kind: 'export', run: 'run7f3k2q', format: 'json' }],
  ['status', { kind: 'status', target: undefined }],
  ['run restart atscale-prod', { kind: 'start', procedure: 'restart', cluster: 'atscale-prod', params: {} }],
  ['status run7f3k2q', { kind: 'status', target: 'run7f3k2q' }],
  ['restart atscale-prod', start()],
  ['Restart  ATSCALE-prod', start()],
  ['plan restart atscale-prod', { ...start(), kind: 'plan' }],
  ['restart atscale-prod host=eng-1 version=2024.1', start({ host: 'eng-1', version: '2024.1' })],
  ['restart atscale-prod note="two words"', start({ note: 'two words' })],
  ["restart atscale-prod note='two words'", start({ note: 'two words' })],
  ['restart atscale-prod note=“two words”', start({ note: 'two words' })],
  ['restart atscale-prod "note=two words"', start({ note: 'two words' })],
  ["restart atscale-prod note=it's", start({ note: "it's" })],
  ['restart atscale-prod note=it’s', start({ note: "it's" })],
  ['restart atscale-prod query=a=b', start({ query: 'a=b' })],
  ['restart atscale-prod empty=', start({ empty: '' })],
  ['restart atscale-prod host=<http://db1.example.com|db1.example.com>', start({ host: 'db1.example.com' })],
  ['restart atscale-prod url=<https://db1.example.com/x>', start({ url: 'https://db1.example.com/x' })],
  ['restart atscale-prod who=<@U0DANA0001|dana>', start({ who: 'U0DANA0001' })],
  ['restart atscale-prod mail=<mailto:a@b.example|a@b.example>', start({ mail: 'a@b.example' })],
  ['restart atscale-prod sign=a&amp;&lt;b&gt;', start({ sign: 'a&<b>' })],
  ['restart\u00A0atscale-prod\u200B', start()],
  ['pause atscale-prod', { kind: 'pause', target: 'atscale-prod', reason: '' }],
  ["cancel run7f3k2q it's the wrong   window", { kind: 'cancel', target: 'run7f3k2q', reason: "it's the wrong   window" }],
  ['cancel run7f3k2q "wrong window"', { kind: 'cancel', target: 'run7f3k2q', reason: 'wrong window' }],
  ['reviews', { kind: 'reviews' }],
  ['review RUN7f3k2q  it was  "right"', { kind: 'review', run: 'run7f3k2q', note: 'it was  "right"' }],
  ['resume atscale-prod', { kind: 'resume', target: 'atscale-prod', reason: '' }],
])('“%s” is understood', (typed, command) => {
  expect(parseCommand(typed, known)).toEqual({ kind: 'command', command });
});

test.each([
  ['restrat atscale-prod', ['no command and no procedure `restrat`', 'Did you mean `/ha restart`?']],
  ['plan restrat atscale-prod', ['Did you mean `/ha plan restart`?']],
  ['reveiw run7f3k2q ok', ['Did you mean `/ha review`?']],
  ['review', ['Which run, and what did you find?', '/ha reviews']],
  ['review run7f3k2q', ['What did you find? Write `/ha review run7f3k2q <words>`']],
  ['reviews all', ['takes nothing after it']],
  ['stauts', ['Did you mean `/ha status`?']],
  ['xyzzy', ['no command and no procedure `xyzzy`', 'Procedures: `backup`, `failover`, `restart`']],
  ['restart atscale-pord', ['no cluster `atscale-pord`', 'Did you mean `atscale-prod`?']],
  ['backup atscale', ['no cluster `atscale`', 'Clusters: `vertica-prod`']],
  ['atscale-prod restart', ['procedure comes first', '/ha restart atscale-prod']],
  ['atscale-prod restrat', ['/ha restart atscale-prod']],
  ['atscale-prod', ['/ha <procedure> atscale-prod', '`failover`, `restart`']],
  ['plan atscale-prod restart', ['/ha plan restart atscale-prod']],
  ['restart', ['Which cluster?', '`atscale-prod`']],
  ['plan', ['Which procedure?']],
  ['restart host=eng-1 atscale-prod', ['The cluster comes before `host=eng-1`']],
  ['restart atscale-prod now', ['`now` is not of the form name=value']],
  ['restart atscale-prod host = eng-1', ['without spaces around the =']],
  ['restart atscale-prod host=a host=b', ['`host` is given twice']],
  ['restart atscale-prod note="two words', ['never closed']],
  ['pause', ['Which run?', '/ha status']],
  ['status a b', ['takes one run or one cluster']],
  ['list all', ['takes nothing after it']],
  ['help retsart', ['no procedure `retsart`', 'Did you mean `restart`?']],
  ['chronicle', ['no command and no procedure `chronicle`']],
])('“%s” is corrected', (typed, fragments) => {
  const parsed = parseCommand(typed, known);
  const text = parsed.kind === 'mistake' ? parsed.sentences.join('\n') : JSON.stringify(parsed);
  for (const fragment of fragments) expect(text).toContain(fragment);
});

test('a strange word cannot leave its quotation', () => {
  const parsed = parseCommand(`\`*boo*\`${'x'.repeat(100)}`, known);
  const text = parsed.kind === 'mistake' ? parsed.sentences.join('\n') : '';
  expect(text).toContain('procedure `*boo* x');
  expect(text).not.toContain('x'.repeat(61));
});

test('without any file the answer says so', () => {
  const parsed = parseCommand('restart atscale-prod', { procedures: [], clusters: [] });
  expect(parsed).toMatchObject({ kind: 'mistake', sentences: [expect.any(String), expect.stringContaining('Procedures: none.')] });
});
