/** What a person, a host or a broken tool may say. */
import { secretMark } from '../../src/procedure/secret-mark.ts';

const ESC = String.fromCharCode(27);
const NUL = String.fromCharCode(0);

/** Where one of these runs, `alarmed` stands in the window, or a request goes out. */
export const HOSTILE: readonly string[] = [
  '<script>window.alarmed=1</script><img src=x onerror="window.alarmed=1"><svg onload=window.alarmed=1>',
  '</pre></details></td></title></style></section></article><script>window.alarmed=1</script>',
  `"><script>window.alarmed=1</script>' onmouseover='window.alarmed=1' <!-- --> ]]> &lt;script&gt;`,
  '<link rel=stylesheet href=https://evil.invalid/x.css><iframe src="https://evil.invalid"></iframe><base href="https://evil.invalid">',
  '<style>body{display:none;background:url(https://evil.invalid/x.png)}</style><meta http-equiv=refresh content="0;url=https://evil.invalid">',
  '```\n</code>\n~~~\n````\n# a heading\n\n---\n| a | b |\n> quoted\n- [ ] task\n1. one\n![x](https://evil.invalid/x.png) [y](javascript:alert(1)) <https://evil.invalid>',
  '*bold* _italic_ ~struck~ <@U0SAM00001> <!channel> <https://evil.invalid|click> :tada: @here @everyone www.evil.invalid https://evil.invalid $x$ a|b',
  `\u202Egnp.exe\u202C \u2066isolate\u2069 \u200B\u200D\uFEFF \uD800 lone ${NUL} ${ESC}[31mred${ESC}[0m ${ESC}]0;title\u0007 \r overwritten \u2028 \u{E0041} שלום مرحبا`,
  secretMark('password'),
];

/** One line of a megabyte, with all of it inside. */
export const ALL = HOSTILE.join('\n');
export const LONG_LINE = `${'x'.repeat(500_000)}<script>window.alarmed=1</script>${'`'.repeat(500_000)}`;
