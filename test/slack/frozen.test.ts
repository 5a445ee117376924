import { withFrozen } from '../../src/slack/frozen.ts';
import { note } from '../../src/slack/note.ts';

const frozen = (run: string) => ({ run, why: `The journal of run ${run} is not what Keyturn wrote.` });

test('an answer without frozen runs stays as it is', () => {
  const content = note('No run goes on.');
  expect(withFrozen(content, [])).toBe(content);
});

test('frozen runs are named, five of many', () => {
  const runs = Array.from({ length: 8 }, (_, at) => frozen(`runabc${at}`));
  const { text } = withFrozen(note('No run goes on.'), runs);
  expect(text).toContain('*8 open runs are frozen.*');
  expect(text).toContain('run runabc4 is not what Keyturn wrote');
  expect(text).not.toContain('runabc5');
  expect(text).toContain('… 3 more');
});

test('a name that no run has is not repeated to people', () => {
  const { text, blocks } = withFrozen(note('x'), [frozen('x https://evil.example/login *urgent* <!channel>')]);
  expect(text).not.toMatch(/evil|urgent|channel/);
  expect(JSON.stringify(blocks)).not.toMatch(/evil|urgent|channel/);
  expect(text).toContain('under a name that Keyturn gives to none');
});
