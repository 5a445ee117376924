/** The form of parameters, measured against Slack's own rules, and the help that says the same in words. */
import fc from 'fast-check';
import { checkView } from '../../../infra/sandbox/slack/check-blocks.ts';
import type { Input, Procedure } from '../../../src/procedure/model.ts';
import { checkInputs, type Given } from '../../../src/procedure/params.ts';
import { givenIn, paramsModal, procedureHelpView, whyNoForm } from '../../../src/slack/views/index.ts';
import { cluster, replaceHost } from '../fake-desk.ts';
import { broken, mrkdwn } from './limits.ts';

const ask = { what: 'start', procedure: replaceHost, cluster, given: {}, privateMetadata: '{}' } as const;

function withParams(params: Readonly<Record<string, Input>>): Procedure {
  return { ...replaceHost, params };
}

function problems(procedure: Procedure, given: Given = {}): readonly string[] {
  const checked = checkView(paramsModal({ ...ask, procedure, given }), () => 'b');
  return checked.kind === 'ok' ? [] : checked.messages;
}

test('the form reads as recorded', () => {
  expect(paramsModal({ ...ask, given: { old: 'ENG-1.example', wait: '7' } })).toMatchSnapshot();
});

test('the help of a procedure reads as recorded', () => {
  expect(procedureHelpView([replaceHost], [cluster]).text).toMatchSnapshot();
});

const text: Input = { value: { type: 'text', maxLength: 200 }, title: 'T', required: true };

test.each<[string, Input]>([
  ['a list of a hundred and one', { ...text, value: { type: 'enum', values: Array.from({ length: 101 }, (_, at) => `v${at}`) } }],
  ['a value too long for a list', { ...text, value: { type: 'enum', values: ['short', 'x'.repeat(76)] } }],
  ['a role that no host has', { ...text, value: { type: 'host', role: 'nobody' } }],
])('%s becomes a field of text', (_title, input) => {
  const [, field] = paramsModal({ ...ask, procedure: withParams({ p: input }) }).blocks;
  expect(field).toMatchObject({ type: 'input', element: { type: 'plain_text_input' } });
  expect(problems(withParams({ p: input }))).toEqual([]);
});

test.each([
  ['twenty parameters', 20, {}, undefined],
  ['twenty-one parameters', 21, {}, expect.stringContaining('21 parameters')],
  ['a value that no field holds', 1, { p0: 'x'.repeat(3_001) }, expect.stringContaining('p0 is longer')],
])('%s: %p', (_title, count, given, expected) => {
  const params = Object.fromEntries(Array.from({ length: count }, (_, at): [string, Input] => [`p${at}`, text]));
  expect(whyNoForm({ procedure: withParams(params), given })).toEqual(expected);
});

const words = fc.string({ unit: 'binary', minLength: 1, maxLength: 300 });
const values: fc.Arbitrary<Input['value']> = fc.oneof(
  fc.constant({ type: 'text' as const, maxLength: 5_000 }),
  fc.array(words, { minLength: 1, maxLength: 5 }).map((all) => ({ type: 'enum' as const, values: [...new Set(all)] })),
  fc.constantFrom({ type: 'host' as const }, { type: 'host' as const, role: 'engine' }),
  fc.constant({ type: 'path' as const }),
);
const input: fc.Arbitrary<Input> = fc
  .record({ value: values, title: words, help: fc.option(words, { nil: undefined }), required: fc.boolean() })
  .map(({ help, ...rest }) => ({ ...rest, ...(help === undefined ? {} : { help }) }));

test('no procedure, however it is worded, makes a form or a help that Slack refuses', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_]{0,40}$/), input, { minKeys: 1, maxKeys: 20 }), words, (params, word) => {
      const procedure = { ...withParams(params), name: word, title: word, source: word };
      expect(problems(procedure)).toEqual([]);
      const help = procedureHelpView([procedure], [cluster]);
      expect(broken(help)).toEqual([]);
      expect(mrkdwn(help)).not.toMatch(/<[!@#]/);
    }),
    { numRuns: 100 },
  );
});

test('what the form offers is what the check allows', () => {
  const form = paramsModal(ask);
  const chosen = form.blocks.flatMap((block) => {
    if (!('element' in block) || block.element.type !== 'static_select') return [];
    const { options = [], action_id: action = '' } = block.element;
    return options.map((option) => ({ [block.block_id ?? '']: { [action]: option.value ?? '' } }));
  });
  expect(chosen).toHaveLength(4);
  for (const values of chosen) {
    const given = { old: 'eng-1', new: 'n', ...givenIn(values) };
    expect(checkInputs(replaceHost.params, given, { hosts: cluster.hosts }).kind).toBe('ok');
  }
});
