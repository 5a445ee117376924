import { requestOf } from '../../src/procedure/http.ts';
import type { HttpSource } from '../../src/procedure/pieces-schema.ts';
import { requestIn } from '../../src/rehearsal/script-text.ts';

const url = 'http://localhost/state';

test.each<[HttpSource, string]>([
  [{ url }, 'GET'],
  [{ url, follow: true, insecure: true }, 'GET'],
  [{ url, method: 'GET', form: { a: '"b"' } }, 'GET'],
  [{ url, form: { a: '"b"' } }, 'POST'],
  [{ url, method: 'POST' }, 'POST'],
  [{ url, method: 'DELETE', form: { a: '"b"' } }, 'DELETE'],
])('the request %j is known again as %s', (http, method) => {
  for (const place of ['REQUEST', 'UNTIL', 'UNLESS'] as const) {
    const { run, env } = requestOf(http, place);
    expect(requestIn({ script: run, values: env })).toEqual({ url, method });
  }
});

test('a script that calls curl itself is no request', () => {
  expect(requestIn({ script: 'curl -fsSL "$MONITOR"', values: { MONITOR: url } })).toBeUndefined();
});
