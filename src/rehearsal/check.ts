/** What a test must be beyond its shape: names that there are, and nothing said twice. */
import type { Path } from '../procedure/finding.ts';
import { type Mistake, mistakeAt } from '../procedure/mistake.ts';
import { didYouMean, listed } from '../procedure/suggest.ts';
import type { AnswerSource } from './answers-schema.ts';
import { choiceOf, choiceWords } from './build.ts';
import { BOT } from './files.ts';
import { checkHost, checkPlace, checkStep, each, type Known } from './names.ts';
import type { CaseSource, TestSource } from './source-schema.ts';

export function checkShared(source: TestSource, known: Known): readonly Mistake[] {
  return [
    ...checkAnswers(source, source.answers, known, ['answers']),
    ...checkPeople(source.people, known, ['people']),
    ...checkFiles(source.files, known, ['files']),
    ...checkTitles(source),
  ];
}

export function checkCase(source: TestSource, wanted: CaseSource, index: number, known: Known): readonly Mistake[] {
  const at: Path = ['cases', index];
  const { does, skipped, asks = [], roles = {} } = wanted;
  const done = Array.isArray(does) ? each(does, [...at, 'does']) : each(does?.some, [...at, 'does', 'some']);
  const left = Array.isArray(skipped) ? each(skipped, [...at, 'skipped']) : keysOf(skipped, [...at, 'skipped']);
  return [
    ...checkAnswers(source, wanted.answers, known, [...at, 'answers']),
    ...checkPeople(wanted.people, known, [...at, 'people']),
    ...checkFiles(wanted.files, known, [...at, 'files']),
    ...checkFiles(wanted.leaves, known, [...at, 'leaves']),
    ...checkEnd(wanted, known, [...at, 'expect']),
    ...[...done, ...left].flatMap(({ text, path }) => checkPlace(known, path, text)),
    ...done.flatMap(({ text, path }) =>
      text.includes(' ') ? [] : [mistakeAt({ path }, `"${text}" does not say where`, 'step and host: `S4 engine-02`')],
    ),
    ...each(asks, [...at, 'asks']).flatMap(({ text, path }) => checkAsk(known, path, text)),
    ...Object.entries(roles).flatMap(([role, host]) => checkHost(known, [...at, 'roles', role], host)),
  ];
}

function keysOf(record: object | undefined, path: Path): readonly { readonly text: string; readonly path: Path }[] {
  return Object.keys(record ?? {}).map((text) => ({ text, path: [...path, text] }));
}

function checkTitles({ cases }: TestSource): readonly Mistake[] {
  return cases.flatMap(({ title }, index) =>
    cases.findIndex((other) => other.title === title) === index
      ? []
      : [mistakeAt({ path: ['cases', index, 'title'] }, 'another case has the same title', 'the titles; each says what its case shows')],
  );
}

function checkAsk(known: Known, path: Path, text: string): readonly Mistake[] {
  const [step = '', whom, more] = text.trim().split(/\s+/);
  if (more !== undefined || (whom !== undefined && whom !== 'second' && whom !== 'anyone'))
    return [mistakeAt({ path }, `"${text}" is not who is asked`, '`S4`, `S4 second` or `S4 anyone`')];
  return checkStep(known, path, step);
}

const ends = ['stopped', 'waits', 'refused'] as const;

function checkEnd({ expect }: CaseSource, known: Known, path: Path): readonly Mistake[] {
  if (typeof expect === 'string') return [];
  const said = ends.filter((end) => expect[end] !== undefined);
  const { stopped, waits, on, offers = [] } = expect;
  return [
    ...(said.length === 1
      ? []
      : [mistakeAt({ path }, `a case ends in one way, and this names ${listed(said, 'none')}`, `one of ${listed(ends)}`)]),
    ...(stopped === undefined ? [] : checkStep(known, [...path, 'stopped'], stopped)),
    ...(waits === undefined ? [] : checkStep(known, [...path, 'waits'], waits)),
    ...(on === undefined ? [] : checkHost(known, [...path, 'on'], on)),
    ...offers.flatMap((word, index) =>
      choiceOf(word) !== undefined
        ? []
        : [
            mistakeAt(
              { path: [...path, 'offers', index] },
              `there is no choice "${word}"${didYouMean(word, choiceWords)}`,
              `the choices: ${listed(choiceWords)}`,
            ),
          ],
    ),
  ];
}

function checkPeople(people: TestSource['people'], known: Known, path: Path): readonly Mistake[] {
  return Object.entries(people ?? {}).flatMap(([place, deeds]) => [
    ...checkPlace(known, [...path, place], place),
    ...(Array.isArray(deeds) ? deeds : [deeds]).flatMap((deed, index) => {
      const at = Array.isArray(deeds) ? [...path, place, index] : [...path, place];
      const words = typeof deed === 'string' ? [deed] : Object.keys(deed);
      return words.length === 1
        ? []
        : [mistakeAt({ path: at }, `people do one thing at a time, and this names ${listed(words)}`, 'a list, in order')];
    }),
  ]);
}

function checkFiles(files: TestSource['files'], known: Known, path: Path): readonly Mistake[] {
  return Object.entries(files ?? {}).flatMap(([host, paths]) => [
    ...(host === BOT ? [] : checkHost(known, [...path, host], host)),
    ...Object.keys(paths).flatMap((name) =>
      host === BOT || name.startsWith('/')
        ? []
        : [
            mistakeAt(
              { path: [...path, host, name] },
              `${name} is no absolute path`,
              'the whole path; only files of `bot` are named as in KEYTURN_FILES',
            ),
          ],
    ),
    ...Object.entries(paths).flatMap(([name, file]) => {
      const said = typeof file === 'string' ? [] : (['text', 'bytes', 'is'] as const).filter((key) => file[key] !== undefined);
      return said.length < 2 ? [] : [mistakeAt({ path: [...path, host, name] }, `a file has ${listed(said)}`, 'one of them')];
    }),
  ]);
}

const endings = ['prints', 'output', 'errors', 'status', 'takes', 'asks', 'refuses', 'lost', 'breaks'] as const;
const works = ['run', 'http', 'copy', 'edit'] as const;

function checkAnswers(source: TestSource, answers: readonly AnswerSource[] | undefined, known: Known, path: Path): readonly Mistake[] {
  return (answers ?? []).flatMap((answer, index) => {
    const at = [...path, index];
    const turns = answer.in_turn?.map((turn, number) => ({ turn, path: [...at, 'in_turn', number] })) ?? [{ turn: answer, path: at }];
    return [
      ...each(answer.on, [...at, 'on']).flatMap(({ text, path: place }) => checkHost(known, place, text)),
      ...each(answer.step, [...at, 'step']).flatMap(({ text, path: place }) => checkStep(known, place, text)),
      ...checkAnswer(answer, at),
      ...turns.flatMap(({ turn, path: place }) => checkTurn(source, turn, place)),
    ];
  });
}

function checkAnswer(answer: AnswerSource, path: Path): readonly Mistake[] {
  const work = works.filter((each_) => answer[each_] !== undefined);
  const [, second] = work;
  const beside = endings.filter((ending) => answer[ending] !== undefined);
  const [first] = beside;
  const isForAll = work.length === 0 && answer.on === undefined && answer.step === undefined;
  return [
    ...(second === undefined
      ? []
      : [mistakeAt({ path: [...path, second] }, `an answer is to one thing, and this names ${listed(work)}`, 'one of them')]),
    ...(isForAll
      ? [
          mistakeAt(
            { path },
            'it does not say what it is an answer to',
            '`run`, `http`, `copy` or `edit`, or `on` a host that says the same to everything',
          ),
        ]
      : []),
    ...(answer.method !== undefined && answer.http === undefined
      ? [mistakeAt({ path: [...path, 'method'] }, 'only a request has a method', '`http` beside it')]
      : []),
    ...(answer.in_turn !== undefined && first !== undefined
      ? [mistakeAt({ path: [...path, first] }, `\`${first}\` and \`in_turn\` stand side by side`, 'put it into the first of `in_turn`')]
      : []),
  ];
}

function checkTurn(source: TestSource, turn: AnswerSource, path: Path): readonly Mistake[] {
  const names = Object.keys(source.outputs ?? {});
  const { output, prints } = turn;
  return [
    ...(output === undefined || names.includes(output)
      ? []
      : [
          mistakeAt(
            { path: [...path, 'output'] },
            `there is no "${output}" under outputs${didYouMean(output, names)}`,
            `entries under outputs: ${listed(names)}`,
          ),
        ]),
    ...(output !== undefined && prints !== undefined
      ? [mistakeAt({ path: [...path, 'output'] }, '`prints` and `output` stand side by side', 'one of the two')]
      : []),
  ];
}
