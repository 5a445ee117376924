/** One run as a document: deviations first, then what was asked for, what happened when, who stood for it, what ran, and how to check all that. Pure. */
import type { RunRecord } from '../record/model.ts';
import type { Block, Inline, Page, Section } from './model.ts';
import { approvalsSection } from './sections/approvals.ts';
import { deviationsSection } from './sections/deviations.ts';
import { notesSection, questionsSection } from './sections/people.ts';
import { requestSection } from './sections/request.ts';
import { stepsSection } from './sections/steps.ts';
import { journalSection, verdictSection } from './sections/verdict.ts';
import { type Story, storyOf } from './story.ts';
import { timelineOf } from './timeline.ts';
import { iso, took } from './words.ts';

/** The same record gives the same page, whenever and wherever it is made. */
export function pageOf(record: RunRecord): Page {
  const told = storyOf(record);
  return told.kind === 'story' ? wholePage(told.story) : brokenPage(record, told.faults);
}

/** `Restart AtScale · atscale-prod: succeeded`. */
export function titleOf({ state }: Story): string {
  return `${state.procedure.title} · ${state.cluster.name}: ${state.ended?.outcome ?? 'not finished'}`;
}

function wholePage(story: Story): Page {
  const { state } = story;
  const lasted = state.ended === undefined ? '' : `, after ${took(state.ended.at - state.startedAt)}`;
  const lead: Inline = [
    'Change record of run ',
    { code: state.run },
    `, asked for by ${state.requester.name}, ${iso(state.startedAt)}${lasted}.`,
  ];
  return { title: titleOf(story), lead, sections: [...alarms(story), ...sectionsOf(story)] };
}

function alarms({ faults, state, until, record }: Story): readonly Section[] {
  const open: readonly Block[] =
    state.ended === undefined
      ? [
          {
            kind: 'alarm',
            text: `This run is NOT FINISHED. What is here is what had happened by event ${record.entries.length}, ${iso(until)}.`,
          },
        ]
      : [];
  const all = [...faultBlocks(faults), ...open];
  return all.length === 0 ? [] : [{ id: 'warning', title: 'Read this first', blocks: all }];
}

function faultBlocks(faults: readonly string[]): readonly Block[] {
  if (faults.length === 0) return [];
  const sentence = 'THIS RECORD IS DAMAGED: it is not what Keyturn wrote. keyturn verify says more. Do not rely on what it says.';
  return [{ kind: 'alarm', text: sentence }, ...faults.map((text): Block => ({ kind: 'alarm', text }))];
}

function sectionsOf(story: Story): readonly Section[] {
  return [
    deviationsSection(story),
    requestSection(story),
    timelineSection(story),
    approvalsSection(story),
    ...questionsSection(story),
    stepsSection(story),
    notesSection(story),
    verdictSection(story),
    journalSection(story),
  ];
}

function timelineSection(story: Story): Section {
  const rows = timelineOf(story);
  const { startedAt } = story.state;
  const block: Block =
    rows.length === 0
      ? { kind: 'text', text: 'Nothing ran, and nobody was waited for.' }
      : { kind: 'timeline', rows, from: startedAt, to: Math.max(story.until, startedAt + 1) };
  return { id: 'timeline', title: 'Timeline', blocks: [block] };
}

/** What cannot be told as a run is still shown, text by text. */
function brokenPage({ run, entries }: RunRecord, faults: readonly string[]): Page {
  const rows = entries.map(({ seq, at, actor, event, hash }): readonly Inline[] => [
    String(seq),
    at,
    actor,
    event,
    { code: hash.slice(0, 12) },
  ]);
  const journal: Block = { kind: 'table', head: ['No.', 'When', 'By', 'Event', 'Hash begins'], rows };
  return {
    title: `Run ${run}: its record cannot be read`,
    lead: ['Change record of run ', { code: run }, '.'],
    sections: [
      { id: 'warning', title: 'Read this first', blocks: faultBlocks(faults) },
      { id: 'journal', title: 'Journal: every entry as it stands there', blocks: [journal] },
    ],
  };
}
