/**
 * Everything that can ever happen to a run. The journal holds these and nothing else; state, thread, history and export are read from them.
 * A kind once released is never renamed or given another meaning: journals outlive releases.
 */
import { z } from 'zod';
import { clusterSchema } from '../inventory/model.ts';
import { procedureSchema } from '../procedure/model.ts';

/** A person, by ids that cannot be changed by their owner; `name` is for display and never compared. */
export const personSchema = z.strictObject({ team: z.string(), user: z.string(), name: z.string() });

/**
 * Who stood for a decision that needs a second person, as was known at that moment: what the policy was judged by, and what an auditor compares
 * it with. Absent in journals of earlier releases.
 */
export const standsSchema = z.strictObject({
  /** Ids of the user groups, of those that the policy names, in which Slack had the person then. */
  memberOf: z.array(z.string()),
  /** Every account of the same person, where the file of people knows several; the own one included. */
  accounts: z.array(z.string()).min(1),
  /** The name in the file of people. */
  identity: z.string().optional(),
  /** Proved with a second factor, for exactly this decision. */
  factor: z.enum(['totp']).optional(),
});

/** A look made just before asking: what must be so for the step to be allowed at all. */
export const checkSchema = z.strictObject({ host: z.string(), what: z.string(), ok: z.boolean(), seen: z.string() });

/** Who made an event happen. */
export const actorSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('person'), person: personSchema }),
  z.strictObject({ kind: z.literal('keyturn') }),
]);

/** How a command ended (design: an ending is a value). */
export const outcomeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('finished'), status: z.number().int(), signal: z.string().optional() }),
  z.strictObject({ kind: z.literal('refused'), code: z.string(), message: z.string(), check: z.string() }),
  z.strictObject({ kind: z.literal('timedOut'), remaining: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('cancelled'), remaining: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('lost'), why: z.string() }),
]);

/** What an attempt printed: digest of the whole (masked), head and tail in the journal, the rest in the output folder. */
export const outputSchema = z.strictObject({
  bytes: z.number().int(),
  lines: z.number().int(),
  sha256: z.string(),
  head: z.string(),
  tail: z.string(),
  path: z.string().optional(),
});

/** One start that an approval permits: these bytes on this host. */
export const itemSchema = z.strictObject({
  step: z.string(),
  host: z.string(),
  address: z.string(),
  attempt: z.number().int(),
  /** What runs there. For a copy or an edit it is the script that puts the new file in place. */
  script: z.string(),
  /** Values, with marks in place of secrets (`procedure/secret-mark.ts`). */
  env: z.record(z.string(), z.string()),
  /** The shell of the product's own that the script is fed into. */
  shell: z.strictObject({ name: z.string(), run: z.string() }).optional(),
  /** The user as whom it runs, where it is not the one who logs in. */
  become: z.string().optional(),
  /** How the questions of the tool are answered: pattern and expression. */
  answers: z.array(z.strictObject({ prompt: z.string(), answer: z.string() })).optional(),
  /** What an edit changes, line by line. */
  diff: z.string().optional(),
});

export const rolesSchema = z.record(z.string(), z.string());

/** What an approver is asked to allow. Its digest covers everything here, the procedure's and the cluster's hash, and the run. */
export const subjectSchema = z.strictObject({
  items: z.array(itemSchema).min(1),
  /** Roles as just observed. */
  roles: rolesSchema,
  expectations: z.array(z.string()),
  /** What must be so beforehand, where the procedure requires something; absent in subjects of earlier releases. */
  requires: z.array(z.string()).optional(),
});

export const troubleSchema = z.discriminatedUnion('kind', [
  /** The command ended, and not well: a bad status, a time-out, a refusal to begin. Nothing is in doubt. */
  z.strictObject({ kind: z.literal('failed'), why: z.string() }),
  /** It began and its end cannot be known. */
  z.strictObject({ kind: z.literal('unknown'), why: z.string() }),
  /** The command ended well; what must hold afterwards does not. */
  z.strictObject({ kind: z.literal('checkFailed'), why: z.string() }),
  /** Roles are not what they were when the run bound them. */
  z.strictObject({ kind: z.literal('rolesChanged'), why: z.string(), roles: rolesSchema }),
  z.strictObject({ kind: z.literal('rejected'), why: z.string() }),
  z.strictObject({ kind: z.literal('expired'), why: z.string() }),
  /** The procedure cannot go on as written: no host in a role, an expression that fails. */
  z.strictObject({ kind: z.literal('blocked'), why: z.string() }),
  /** A person said that what was asked of people is not so, or cannot be done. */
  z.strictObject({ kind: z.literal('declined'), why: z.string() }),
]);

/** What a person is asked: something to do by hand, something to confirm, or what a tool wants to know that nobody foresaw. */
export const questionAboutSchema = z.enum(['manual', 'confirm', 'prompt']);

export const choiceSchema = z.enum(['retry', 'skip', 'abort', 'askAgain', 'lookAgain', 'settleDone', 'settleFailed']);

const at = { step: z.string(), host: z.string() };
const attempt = { ...at, attempt: z.number().int() };

export const runEventSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('runRequested'),
    requester: personSchema,
    procedure: procedureSchema,
    cluster: clusterSchema,
    params: z.record(z.string(), z.string()),
    channel: z.strictObject({ team: z.string(), id: z.string() }),
    requestId: z.string(),
  }),
  /** The step's hosts, resolved once and kept: an empty list never occurs (see stepSkipped). */
  z.strictObject({ kind: z.literal('stepOpened'), step: z.string(), hosts: z.array(z.string()).min(1) }),
  z.strictObject({ kind: z.literal('stepSkipped'), step: z.string(), why: z.string() }),
  z.strictObject({ kind: z.literal('announced'), step: z.string(), text: z.string(), channels: z.array(z.string()) }),
  /** Roles bound for the first time, with the host that told us. */
  z.strictObject({ kind: z.literal('rolesBound'), ...at, roles: rolesSchema }),
  /** Roles read again before asking for, or before starting, an attempt; equal to the bound ones. */
  z.strictObject({ kind: z.literal('rolesConfirmed'), step: z.string(), roles: rolesSchema, by: z.string() }),
  z.strictObject({
    kind: z.literal('approvalRequested'),
    request: z.string(),
    step: z.string(),
    /** `second`: never the requester. `gate`: the requester may press too. */
    needs: z.enum(['second', 'gate']),
    why: z.string(),
    subject: subjectSchema,
    digest: z.string(),
    evidence: z.array(z.string()),
    expiresAt: z.number().int(),
    /** Absent: the procedure asks for none. While one is not ok, nobody can approve. */
    checks: z.array(checkSchema).optional(),
    /** How this differs from the request that was voided before it, one sentence each. */
    changed: z.array(z.string()).optional(),
  }),
  /** One of several who must approve; the last of them is `approvalGiven`. */
  z.strictObject({ kind: z.literal('approvalBacked'), request: z.string(), by: personSchema, stands: standsSchema }),
  /** The policy is met; nothing is asked of anybody any more. */
  z.strictObject({ kind: z.literal('approvalGiven'), request: z.string(), by: personSchema, stands: standsSchema.optional() }),
  /** Given without a second person by somebody whom the cluster file names for that, in an emergency; to be reviewed afterwards. */
  z.strictObject({
    kind: z.literal('glassBroken'),
    request: z.string(),
    by: personSchema,
    reason: z.string(),
    stands: standsSchema,
    /** The channel that is told of it. */
    channel: z.string(),
  }),
  /** Whoever may approve is called once more, shortly before the request expires. */
  z.strictObject({ kind: z.literal('approvalReminded'), request: z.string() }),
  z.strictObject({ kind: z.literal('approvalRejected'), request: z.string(), by: personSchema, reason: z.string() }),
  z.strictObject({ kind: z.literal('approvalExpired'), request: z.string() }),
  z.strictObject({ kind: z.literal('approvalVoided'), request: z.string(), why: z.string() }),
  /** The store of attempts on a host, met for the first time: a later other anchor means that it was wiped. */
  z.strictObject({ kind: z.literal('hostMet'), host: z.string(), anchor: z.string(), as: z.string().optional() }),
  /** Another machine stands behind the host's name from here on; its store is met anew. */
  z.strictObject({ kind: z.literal('hostExchanged'), step: z.string(), host: z.string() }),
  /** What a run would do is known now: the digest that a plan of the same moment has. */
  z.strictObject({ kind: z.literal('planResolved'), digest: z.string() }),
  /** Looked at before the step: it is needed on these hosts. */
  z.strictObject({ kind: z.literal('hostsLookedAt'), step: z.string(), hosts: z.array(z.string()).min(1) }),
  /** Not needed on this host, or the host is allowed not to answer. */
  z.strictObject({ kind: z.literal('hostSkipped'), ...attempt, why: z.string() }),
  z.strictObject({ kind: z.literal('valuesCaptured'), ...at, values: z.record(z.string(), z.json()) }),
  /** The bytes of a copy lie beside their place, whole; the attempt puts them there. */
  z.strictObject({ kind: z.literal('copyStaged'), ...attempt, bytes: z.number().int(), sha256: z.string(), from: z.string() }),
  /** The tool asked. `end`: bytes of output up to and with the prompt; `said`: what it printed before that was worth a name. */
  z.strictObject({
    kind: z.literal('promptSeen'),
    ...attempt,
    number: z.number().int(),
    end: z.number().int(),
    /** Bytes that the tool itself had printed by then, before masking; what a person answers is held to it. Absent in earlier releases. */
    bytes: z.number().int().optional(),
    prompt: z.string(),
    said: z.record(z.string(), z.string()),
    /** Place in the step's `answers`; absent: nobody foresaw it. */
    answer: z.number().int().optional(),
  }),
  /** What the tool is told, with marks in place of secrets. From here on it may have been told. */
  z.strictObject({
    kind: z.literal('promptAnswered'),
    ...attempt,
    number: z.number().int(),
    answer: z.string(),
    by: personSchema.optional(),
  }),
  /**
   * The tool was not told, and will not be: the host found that it had printed more since it was asked (`wentOn`), or that its input was over
   * (`over`).
   */
  z.strictObject({ kind: z.literal('answerWithheld'), ...attempt, number: z.number().int(), why: z.enum(['wentOn', 'over']) }),
  z.strictObject({
    kind: z.literal('questionAsked'),
    question: z.string(),
    step: z.string(),
    about: questionAboutSchema,
    host: z.string().optional(),
    attempt: z.number().int().optional(),
    /** Of a prompt. */
    number: z.number().int().optional(),
    text: z.string(),
    /** `second`: never the requester, with the reason. */
    second: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal('questionAnswered'),
    question: z.string(),
    by: personSchema,
    answer: z.string(),
    stands: standsSchema.optional(),
  }),
  /** It need not be answered any more. */
  z.strictObject({ kind: z.literal('questionWithdrawn'), question: z.string(), why: z.string() }),
  /** Written before the host is asked to start anything; from here on the attempt may have begun. */
  z.strictObject({ kind: z.literal('attemptIntended'), ...attempt, digest: z.string(), approval: z.string().optional() }),
  z.strictObject({
    kind: z.literal('attemptEnded'),
    ...attempt,
    outcome: outcomeSchema,
    output: outputSchema.optional(),
    startedAt: z.number().int().optional(),
    endedAt: z.number().int().optional(),
  }),
  /** The time limit of `until` counts from here, whatever restarts in between. */
  z.strictObject({ kind: z.literal('watchBegan'), ...attempt }),
  /** The step is done on this host: command and every check. `seen` is the last reading, in words. */
  z.strictObject({ kind: z.literal('hostPassed'), ...attempt, seen: z.string(), warnings: z.array(z.string()).optional() }),
  /** `on: any`: this host did not answer, the next is tried. */
  z.strictObject({ kind: z.literal('hostPassedOver'), ...attempt, why: z.string() }),
  z.strictObject({
    kind: z.literal('troubleRaised'),
    trouble: z.string(),
    step: z.string(),
    host: z.string().optional(),
    attempt: z.number().int().optional(),
    what: troubleSchema,
    choices: z.array(choiceSchema).min(1),
  }),
  /** One of several who must stand for a choice or an answer that needs a second person; the last is `troubleSettled` or `questionAnswered`. */
  z.strictObject({
    kind: z.literal('choiceBacked'),
    about: z.string(),
    choice: z.string(),
    reason: z.string(),
    by: personSchema,
    stands: standsSchema,
  }),
  z.strictObject({
    kind: z.literal('troubleSettled'),
    trouble: z.string(),
    choice: choiceSchema,
    by: personSchema,
    reason: z.string(),
    stands: standsSchema.optional(),
  }),
  /** `asked`: the delivery that asked for it. Nothing else in a pause or a resume tells a replayed one from a new one. */
  z.strictObject({ kind: z.literal('paused'), by: personSchema, reason: z.string(), asked: z.string().optional() }),
  z.strictObject({ kind: z.literal('resumed'), by: personSchema, asked: z.string().optional() }),
  /** A freeze window of the cluster file keeps the run from beginning to act. */
  z.strictObject({ kind: z.literal('runHeld'), hold: z.string(), window: z.string(), expiresAt: z.number().int() }),
  /** Somebody whom the cluster file names lets it act in spite of the window. */
  z.strictObject({ kind: z.literal('holdOverridden'), hold: z.string(), by: personSchema, reason: z.string(), stands: standsSchema }),
  z.strictObject({ kind: z.literal('holdEnded'), hold: z.string(), why: z.string() }),
  z.strictObject({ kind: z.literal('cancelRequested'), by: personSchema, reason: z.string() }),
  /**
   * What somebody wrote in the run's thread while it was on. `ts` is Slack's id of the message in the channel; `length` is that of the whole text,
   * in UTF-16 units, where only its beginning is kept. Names of files that came with it; their content stays in Slack.
   */
  z.strictObject({
    kind: z.literal('noted'),
    ts: z.string(),
    by: personSchema,
    text: z.string(),
    length: z.number().int().optional(),
    files: z.array(z.string()).optional(),
  }),
  /** The writer has changed it since; what stood there before stays in the record. */
  z.strictObject({ kind: z.literal('noteEdited'), ts: z.string(), text: z.string(), length: z.number().int().optional() }),
  z.strictObject({ kind: z.literal('noteDeleted'), ts: z.string() }),
  /** Somebody tried what they may not. */
  z.strictObject({ kind: z.literal('refused'), person: personSchema, action: z.string(), why: z.string() }),
  z.strictObject({ kind: z.literal('runEnded'), outcome: z.enum(['succeeded', 'failed', 'aborted', 'cancelled']), why: z.string() }),
]);

export type Person = z.infer<typeof personSchema>;
export type Stands = z.infer<typeof standsSchema>;
export type Check = z.infer<typeof checkSchema>;
export type Actor = z.infer<typeof actorSchema>;
export type Outcome = z.infer<typeof outcomeSchema>;
export type Output = z.infer<typeof outputSchema>;
export type Item = z.infer<typeof itemSchema>;
export type Roles = z.infer<typeof rolesSchema>;
export type Subject = z.infer<typeof subjectSchema>;
export type Trouble = z.infer<typeof troubleSchema>;
export type Choice = z.infer<typeof choiceSchema>;
export type QuestionAbout = z.infer<typeof questionAboutSchema>;
export type RunEvent = z.infer<typeof runEventSchema>;
export type EventOf<K extends RunEvent['kind']> = Extract<RunEvent, { kind: K }>;

/** An event with its place in the journal, as the fold and the views see it. `at` is milliseconds since 1970, UTC. */
export type Recorded = { readonly seq: number; readonly at: number; readonly actor: Actor; readonly event: RunEvent };
