import { withDamaged } from '../../src/slack/damaged.ts';
import { note } from '../../src/slack/note.ts';

const damaged = (run: string) => ({ run, why: `The journal of run ${run} is not what Keyturn wrote.` });

test('an answer without damaged journals stays as it is', () => {
  const content = note('No run goes on.');
  expect(withDamaged(content, [])).toBe(content);
});

test('runs with damaged journals are named, five of many', () => {
  const runs = Array.from({ length: 8 }, (_, at) => damaged(`runabc${at}`));
  const { text } = withDamaged(note('No run goes on.'), runs);
  expect(text).toContain('*The journals of 8 open runs are damaged.*');
  expect(text).toContain('run runabc4 is not what Keyturn wrote');
  expect(text).not.toContain('runabc5');
  expect(text).toContain('… 3 more');
});

test('a name that no run has is not repeated to people', () => {
  const { text, blocks } = withDamaged(note('x'), [damaged('x https://evil.example/login *urgent* <!channel>')]);
  expect(text).not.toMatch(/evil|urgent|channel/);
  expect(JSON.stringify(blocks)).not.toMatch(/evil|urgent|channel/);
  expect(text).toContain('under a name that Keyturn gives to none');
});
