import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { createMask, createMasker, MASKED, maskText, secretForms } from '../../src/record/mask.ts';

const secret = 'p@ss "wörd"/+?';

test.each([
  ['itself', secret],
  ['inside JSON', JSON.stringify({ a: secret }).slice(6, -2)],
  ['URL-encoded', encodeURIComponent(secret)],
  ['as a form field', new URLSearchParams({ a: secret }).toString().slice(2)],
  ['in base64', Buffer.from(secret).toString('base64')],
  ['in base64 for URLs', Buffer.from(secret).toString('base64url')],
])('a secret is masked %s', (_title, form) => {
  expect(maskText(`<${form}>`, [secret])).toBe(`<${MASKED}>`);
});

test.each([0, 1, 2])('a secret in a longer base64 text is masked (%i before)', (lead) => {
  const text = Buffer.from(`${'x'.repeat(lead)}${secret}, and more`).toString('base64');
  expect(maskText(text, [secret])).toContain(MASKED);
});

test('a key printed line by line is masked', () => {
  const key = '-----BEGIN KEY-----\nAAAAB3NzaC1yc2E\n-----END KEY-----\n';
  expect(maskText(key.replaceAll('\n', '\r\n'), [key])).not.toContain('AAAAB3NzaC1yc2E');
});

test('of two secrets the longer is masked as a whole', () => {
  expect(maskText('abcdef abc', ['abc', 'abcdef'])).toBe(`${MASKED} ${MASKED}`);
});

test('an empty secret masks nothing', () => {
  expect(maskText('all clear', [''])).toBe('all clear');
});

test('however the text is cut, it is masked alike', () => {
  const piece = fc.oneof(fc.constantFrom('abab', 'aba', 'b', 'ab', 'c', 'YWJhYg==', 'YWJ'), fc.string());
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat(40)), (pieces, cuts) => {
      const whole = Buffer.from(pieces.join(''));
      const masker = createMasker(['abab', 'cc', 'abac']);
      const out: Buffer[] = [];
      let from = 0;
      for (const cut of cuts) {
        out.push(Buffer.from(masker.push(whole.subarray(from, from + cut))));
        from += cut;
      }
      out.push(Buffer.from(masker.push(whole.subarray(from))), masker.end());
      expect(Buffer.concat(out).toString()).toBe(maskText(whole.toString(), ['abab', 'cc', 'abac']));
    }),
  );
});

test('no form of a secret is left in what passes', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, maxLength: 12 }), fc.string(), fc.string(), (value, before, after) => {
      fc.pre(!MASKED.includes(value));
      const shown = maskText(`${before}${value}${after}`, [value]);
      for (const form of secretForms(value)) if (`${before}${after}`.indexOf(form) === -1) expect(shown.includes(value)).toBe(false);
    }),
  );
});

test('as a stream it gives every byte that is no secret', async () => {
  const chunks = ['one hun', 'ter2 two h', 'unt'].map((text) => Buffer.from(text));
  const out = await buffer(Readable.from(chunks).pipe(createMask(['hunter2'])));
  expect(out.toString()).toBe(`one ${MASKED} two hunt`);
});
