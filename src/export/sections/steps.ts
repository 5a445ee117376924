/** Step by step: what ran where, how it ended, what was checked and seen, and what it printed. Pure. */
import { assertNever } from '../../run/assert-never.ts';
import type { Item, Output } from '../../run/events.ts';
import type { Step } from '../../procedure/model.ts';
import { type Episode, episodes } from '../../slack/views/episodes.ts';
import { outcomeWord, troubleWord } from '../../slack/views/words.ts';
import type { Block, Inline, Section } from '../model.ts';
import type { Story } from '../story.ts';
import { filled, outcomeWords, stepTitle, took } from '../words.ts';
import { itemBlocks } from './approvals.ts';

export function stepsSection(story: Story): Section {
  const all = episodes(story.recorded);
  const blocks = story.state.procedure.steps.map((step) =>
    stepPart(
      story,
      step,
      all.filter((episode) => episode.step === step.id),
    ),
  );
  return { id: 'steps', title: 'Steps, commands and output', blocks };
}

function stepPart(story: Story, step: Step, mine: readonly Episode[]): Block {
  const items = story.recorded.flatMap(({ seq, event }) => {
    const item = event.kind === 'attemptIntended' && event.step === step.id ? story.items.get(seq) : undefined;
    return item === undefined ? [] : [item];
  });
  return {
    kind: 'part',
    title: stepTitle(story.state, step.id),
    blocks: [
      { kind: 'text', text: aboutStep(story, step) },
      ...scripts(story, step, items, mine),
      ...(mine.length === 0 ? [] : [attemptsTable(story, mine)]),
      ...mine.flatMap((episode) => outputBlocks(story, episode)),
    ],
  };
}

function aboutStep(story: Story, step: Step): Inline {
  const { state } = story;
  const now = state.steps[step.id];
  const skipped = now?.kind === 'skipped' ? ` Skipped: ${now.why}` : '';
  const unopened = now === undefined || now.kind === 'pending' ? ' The run did not come to it.' : '';
  switch (step.kind) {
    case 'announce':
      return `Announcement: ${filled(state, step.text)}${skipped}${unopened}`;
    case 'person':
      return `For a person${step.second === undefined ? '' : `, a second one (${filled(state, step.second)})`}: ${filled(state, step.text)}${skipped}${unopened}`;
    case 'command':
      return `${safetyWords(story, step)}${skipped}${unopened}`;
    default:
      return assertNever(step);
  }
}

function safetyWords({ state }: Story, { safety }: Extract<Step, { kind: 'command' }>): string {
  switch (safety.kind) {
    case 'safe':
      return 'Safe: nobody is asked.';
    case 'gated':
      return `The run waits for a press: ${filled(state, safety.ask)}`;
    case 'unsafe':
      return `UNSAFE, needs a second person: ${filled(state, safety.why)}`;
    default:
      return assertNever(safety);
  }
}

/** What ran, where the record says so; else the step's own text, where something did. */
function scripts({ state }: Story, step: Step, items: readonly Item[], mine: readonly Episode[]): readonly Block[] {
  if (step.kind !== 'command' || mine.length === 0) return [];
  const { until } = step;
  const started = items.length > 0 ? itemBlocks(items) : asWritten(step);
  if (until === undefined) return started;
  const waiting = filled(state, until.waiting);
  return [...started, { kind: 'script', title: `Checked afterwards, until this holds: ${until.expect} (${waiting})`, text: until.run }];
}

function asWritten({ run, copy, edit }: Extract<Step, { kind: 'command' }>): readonly Block[] {
  const text = run ?? (copy === undefined && edit === undefined ? undefined : JSON.stringify({ copy, edit }, null, 2));
  return text === undefined ? [] : [{ kind: 'script', title: 'As the procedure has it', text }];
}

function attemptsTable(story: Story, mine: readonly Episode[]): Block {
  const head = ['Host', 'Attempt', 'Began', 'Took', 'Command', 'Verdict', 'Seen'];
  return { kind: 'table', head, rows: mine.map((episode) => attemptRow(story, episode)) };
}

function attemptRow({ state }: Story, episode: Episode): readonly Inline[] {
  const { host, attempt, intendedAt, watchedSince, ended, verdict, step: id } = episode;
  const step = state.procedure.steps.find((each) => each.id === id);
  const good = step?.kind === 'command' ? step.statuses : undefined;
  const from = ended?.event.startedAt ?? intendedAt ?? watchedSince;
  const to = ended === undefined ? verdict?.at : (ended.event.endedAt ?? ended.at);
  const command: Inline = ended === undefined ? '' : [`${outcomeWord(ended.event.outcome, good)}: `, outcomeWords(ended.event.outcome)];
  return [
    { code: host },
    String(attempt),
    from === undefined ? '' : { time: from },
    from === undefined || to === undefined ? 'not over' : took(to - from),
    command,
    ...verdictCells(episode),
  ];
}

function verdictCells({ verdict }: Episode): readonly [Inline, Inline] {
  if (verdict === undefined) return [{ strong: 'none yet' }, ''];
  switch (verdict.event.kind) {
    case 'hostPassed': {
      const { seen, warnings = [] } = verdict.event;
      return [warnings.length === 0 ? 'passed' : `passed, with warnings: ${warnings.join('; ')}`, seen];
    }
    case 'hostPassedOver':
      return ['passed over', verdict.event.why];
    case 'troubleRaised':
      return [{ strong: troubleWord(verdict.event.what) }, verdict.event.what.why];
    case 'runEnded':
      return [`the run ${verdict.event.outcome} first`, verdict.event.why];
    default:
      return assertNever(verdict.event);
  }
}

function outputBlocks(story: Story, { host, attempt, ended }: Episode): readonly Block[] {
  const output = ended?.event.output;
  if (output === undefined) return [];
  const where = `Output on ${host}${attempt === 1 ? '' : `, attempt ${attempt}`}`;
  const size = `${output.lines} lines, ${output.bytes} bytes, SHA-256 `;
  return [{ kind: 'output', title: [`${where}: ${size}`, { code: output.sha256 }], text: contentOf(story, output) }];
}

/** All of it where the record holds it; else the two ends, and where the whole is. */
function contentOf({ outputs }: Story, { path, head, tail, bytes }: Output): string {
  if (path === undefined) return head;
  const content = outputs.get(path)?.content;
  if (content?.kind === 'text') return content.text;
  const why =
    content === undefined
      ? 'the record does not name it'
      : content.kind === 'base64'
        ? 'it is no text; the JSON export holds it'
        : content.why;
  const edges = Buffer.byteLength(head) + Buffer.byteLength(tail);
  return `${head}\n\n[${Math.max(0, bytes - edges)} bytes are left out here; whole in ${path}: ${why}]\n\n${tail}`;
}
