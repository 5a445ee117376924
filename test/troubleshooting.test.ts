/** The page that explains messages quotes the messages that there are. */
import { readdirSync, readFileSync } from 'node:fs';

const page = readFileSync('docs/troubleshooting.md', 'utf8');
const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(`src/${path}`, 'utf8'))
  .join('\n')
  .replace(/\\`/g, '`');

/** First column of the tables: what stands between asterisks, in the pieces that hold no value. */
const quotes = [...page.matchAll(/^\|(.+?)\| /gm)]
  .flatMap(([, cell = '']) => [...cell.matchAll(/\*([^*]+)\*/g)].map((match) => match[1] ?? ''))
  .filter((quote) => !/^(dispatch_failed|operation_timeout)$/.test(quote))
  .flatMap((quote) => quote.split(/…|\(invalid_auth\)|SHA256:|slack\.com|^2 |missing_scope|SLACK_\w+/))
  .map((piece) => piece.replace(/^[\s,.:`()]+|[\s,.:`()]+$/g, ''))
  .filter((piece) => piece.split(' ').length >= 2);

test('it quotes enough messages to be of use', () => {
  expect(quotes.length).toBeGreaterThan(30);
});

test.each(quotes)('“%s” stands in a message of Keyturn', (piece) => {
  expect(source).toContain(piece);
});
