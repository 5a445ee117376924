/** Everything of a period: the file, and the table with which its page begins. Pure. */
import { z } from 'zod';
import { approversIn, glassBreakersIn } from '../history/summary.ts';
import { entrySchema, listOf, recordSchema, type RunRecord, signatureSchema } from '../record/model.ts';
import type { Block, Inline, Page } from './model.ts';
import { deviationsInWords } from './sections/deviations.ts';
import { storyOf } from './story.ts';
import { isoMs } from './words.ts';

export const PERIOD_FORMAT = 'keyturn-period/1';

export const periodSchema = z.strictObject({
  format: z.literal(PERIOD_FORMAT).describe('Names this form'),
  from: z.string().describe('ISO 8601 in UTC: from this moment on'),
  to: z.string().describe('ISO 8601 in UTC: up to, but not including, this moment'),
  cluster: z.string().optional().describe('Only runs on this cluster were asked for; absent: those on every cluster'),
  deleted: z
    .array(z.string())
    .optional()
    .describe('Runs that began in the period and are not here because they were not to be kept any longer (KEYTURN_KEEP_DAYS)'),
  runs: z
    .array(recordSchema)
    .describe('Every run that was open at any moment of the period, or that the piece of the list names, in the order of their beginning'),
  list: z.array(entrySchema).describe('Entries of the chained list of runs in the period, by which a run that is missing here is noticed'),
  register: z.array(entrySchema).describe('Entries of the register in the period: refusals, emergencies, reviews, second factors'),
  signature: signatureSchema
    .optional()
    .describe(
      'Ed25519 of “keyturn period <digest>”: which runs, with their last events, and which pieces of list and register stand here (docs/record.md). ' +
        'Absent in files of earlier releases, and where list or register did not prove',
    ),
});

export type Period = z.infer<typeof periodSchema>;

/** What stands beside the runs, for whoever reads what may be made up. */
export const foreignPeriodSchema = periodSchema.omit({ runs: true }).extend({
  deleted: listOf(z.string()).optional(),
  list: listOf(entrySchema),
  register: listOf(entrySchema),
});

export type Summary = {
  readonly run: string;
  readonly procedure: string;
  readonly cluster: string;
  readonly requester: string;
  readonly approvers: string;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly outcome: string;
  readonly deviations: string;
};

export function summaryOf(record: RunRecord): Summary {
  const told = storyOf(record);
  if (told.kind === 'unreadable') {
    const [unknown, at] = ['cannot be read', Number(record.entries[0]?.at)];
    const names = { procedure: unknown, cluster: unknown, requester: unknown, approvers: unknown, deviations: unknown };
    return { run: record.run, ...names, from: Number.isFinite(at) ? at : undefined, to: undefined, outcome: 'DAMAGED' };
  }
  const { state, recorded, faults } = told.story;
  return {
    run: record.run,
    procedure: state.procedure.name,
    cluster: state.cluster.name,
    requester: state.requester.name,
    approvers: [
      ...approversIn(recorded).map(({ name }) => name),
      ...glassBreakersIn(recorded).map(({ name }) => `BREAK-GLASS: ${name}`),
    ].join(', '),
    from: state.startedAt,
    to: state.ended?.at,
    outcome: faults.length > 0 ? 'DAMAGED' : (state.ended?.outcome ?? 'not finished'),
    deviations: deviationsInWords(told.story),
  };
}

type Span = { readonly from: number; readonly to: number };

export function periodTitle({ from, to }: Span): string {
  return `Change record ${isoMs(from).slice(0, 16)}Z to ${isoMs(to).slice(0, 16)}Z`;
}

/** The table of all runs; `links`: each leads to its part of the same page. */
export function periodPage(span: Span, all: readonly Summary[], register: readonly RegisterLine[]): Page {
  const rows = all.map((each): readonly Inline[] => [
    { code: each.run },
    each.procedure,
    each.cluster,
    each.requester,
    each.approvers,
    each.from === undefined ? '' : { time: each.from },
    each.to === undefined ? 'not over' : { time: each.to },
    { strong: each.outcome },
    each.deviations,
  ]);
  const head = ['Run', 'Procedure', 'Cluster', 'Asked for by', 'Approved by', 'Began', 'Ended', 'Outcome', 'Deviations'];
  const runs: Block = rows.length === 0 ? { kind: 'text', text: 'No run was open in this period.' } : { kind: 'table', head, rows };
  const beside = register.map(({ at, words }): readonly Inline[] => [{ time: at }, words]);
  const others: Block =
    beside.length === 0
      ? { kind: 'text', text: 'Nothing stands in the register for this period.' }
      : { kind: 'table', head: ['When', 'What'], rows: beside };
  return {
    title: periodTitle(span),
    lead: `Every run that was open from ${isoMs(span.from)} up to, but not including, ${isoMs(span.to)}; each one follows below.`,
    sections: [
      { id: 'runs', title: `Runs: ${all.length}`, blocks: [runs] },
      { id: 'register', title: 'Register: refusals, emergencies, reviews, second factors', blocks: [others] },
    ],
  };
}

export type RegisterLine = { readonly at: number; readonly words: string };
