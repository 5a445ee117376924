/**
 * The form for what a command left out: when it is opened, what it carries along, and what becomes of it when it is sent.
 *
 * F1 Nothing that comes back is believed: procedure, cluster, channel, rights and values are all judged anew.
 * F2 A form that is sent twice begins one run: its request is named by the view.
 */
import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { checkFit } from '../inventory/fit.ts';
import type { Cluster } from '../inventory/model.ts';
import { formatProblem, type Problem } from '../procedure/finding.ts';
import type { Procedure } from '../procedure/model.ts';
import { checkInputs, type Given } from '../procedure/params.ts';
import { aboutCluster, authorise } from '../run/authorise.ts';
import type { Answer } from './answer.ts';
import type { Office } from './office.ts';
import type { Submission } from './payloads.ts';
import type { Desk } from './ports.ts';
import { admitTo, carryOut, type RunOrder } from './run-order.ts';
import { still } from './still.ts';
import { type Content, fieldOf, givenIn, paramsModal, refusedView, whyNoForm } from './views/index.ts';

/** Travels through Slack in `private_metadata`: 3,000 characters at most. */
const orderSchema = z.strictObject({
  what: z.enum(['start', 'plan']),
  procedure: z.string(),
  cluster: z.string(),
  channel: z.string(),
  /** Of the channel. */
  team: z.string(),
});

/** What a form is about, from the command to its return. */
export type FormOrder = z.infer<typeof orderSchema>;

export function writeOrder(order: FormOrder): string {
  return JSON.stringify(order);
}

export function readOrder(metadata: string): FormOrder | undefined {
  try {
    const parsed = orderSchema.safeParse(JSON.parse(metadata));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export type Form =
  /** The order can be carried out, or the desk says why not. */
  | { readonly kind: 'none' }
  | { readonly kind: 'told'; readonly content: Content }
  /** `otherwise`: what to do where the form cannot be opened. */
  | { readonly kind: 'form'; readonly view: ModalView; readonly otherwise: string };

/** A form is for whoever may do it, on a cluster that fits, when something needed is missing and nothing that was given is wrong. */
export function formFor(office: Office, order: RunOrder): Form {
  const found = find(office.desk, order);
  if (found === undefined) return { kind: 'none' };
  const { procedure, cluster } = found;
  const may = authorise(order.what, order.standing, aboutCluster(cluster, procedure));
  const problems = problemsIn(procedure, cluster, order.params);
  const missing = problems.filter(({ path }) => isMissing(procedure, order.params, path));
  if (may.kind === 'refused' || missing.length === 0 || missing.length < problems.length) return { kind: 'none' };
  if (checkFit(procedure, cluster).length > 0) return { kind: 'none' };
  const why = whyNoForm({ procedure, given: order.params });
  if (why !== undefined) return { kind: 'told', content: refusedView([...missing.map(formatProblem), why]) };
  const { what, channel } = order;
  const privateMetadata = writeOrder({ what, procedure: procedure.name, cluster: cluster.name, channel: channel.id, team: channel.team });
  return {
    kind: 'form',
    view: paramsModal({ what, procedure, cluster, given: order.params, privateMetadata }),
    otherwise: `nothing was done; type the command again, or give the rest with it: ${missing.map(({ path }) => `${path}=…`).join(' ')}.`,
  };
}

type Names = { readonly procedure: string; readonly cluster: string };

function find(desk: Desk, names: Names): { readonly procedure: Procedure; readonly cluster: Cluster } | undefined {
  const cluster = desk.clusters().find((each) => each.name === names.cluster);
  const procedure = desk.procedures().find((each) => each.name === names.procedure && each.product === cluster?.product);
  return cluster === undefined || procedure === undefined ? undefined : { procedure, cluster };
}

function problemsIn(procedure: Procedure, cluster: Cluster, given: Given): readonly Problem[] {
  const checked = checkInputs(procedure.params, given, { hosts: cluster.hosts });
  return checked.kind === 'ok' ? [] : checked.problems;
}

function isMissing(procedure: Procedure, given: Given, param: string): boolean {
  return Object.hasOwn(procedure.params, param) && !Object.hasOwn(given, param);
}

export type Sent =
  | { readonly kind: 'ask'; readonly errors: Readonly<Record<string, string>> }
  | { readonly kind: 'order'; readonly order: FormOrder; readonly work: Promise<Answer> }
  | { readonly kind: 'unreadable' };

/** A form of parameters that was sent: what is wrong is said at its field; the rest as after a command. */
export function onParams(whole: Office, submission: Submission): Sent {
  const order = readOrder(submission.metadata);
  if (order === undefined) return { kind: 'unreadable' };
  const office = { ...whole, desk: still(whole.desk) };
  const errors = errorsAt(office.desk, order, submission);
  return Object.keys(errors).length > 0 ? { kind: 'ask', errors } : { kind: 'order', order, work: work(office, order, submission) };
}

/** Slack takes errors for fields of the form only. What else is wrong (the file was edited meanwhile) the desk says. */
function errorsAt(desk: Desk, order: FormOrder, { values }: Submission): Readonly<Record<string, string>> {
  const found = find(desk, order);
  if (found === undefined) return {};
  const problems = problemsIn(found.procedure, found.cluster, givenIn(values));
  const atFields = problems.filter(({ path }) => Object.hasOwn(values, fieldOf(path)));
  if (atFields.length < problems.length) return {};
  return Object.fromEntries(atFields.map(({ path, message }) => [fieldOf(path), message.slice(0, LONGEST_ERROR)]));
}

const LONGEST_ERROR = 500;

async function work(office: Office, order: FormOrder, submission: Submission): Promise<Answer> {
  const { what, procedure, cluster, channel, team } = order;
  const { user } = submission;
  const admitted = await admitTo(office, { team: submission.team, user, channel, channelName: undefined }, order);
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  return carryOut(office, {
    ...{ what, procedure, cluster, params: givenIn(submission.values) },
    standing: admitted.standing,
    channel: { team, id: channel },
    requestId: `form-${submission.view}`,
  });
}
