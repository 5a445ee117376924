/** What every command and click is handled with, and who is let in. */
import type { ModalView } from '@slack/types';
import type { Logger } from 'pino';
import type { Prover } from '../factor/verdict.ts';
import type { HistoryIndex } from '../history/index.ts';
import type { Cluster } from '../inventory/model.ts';
import { aboutCluster, authorise, type Standing } from '../run/authorise.ts';
import type { RunState } from '../run/state.ts';
import { type Channels, whyNotHere } from './channels.ts';
import type { Directory } from './directory.ts';
import { note } from './note.ts';
import type { AfterwardsOf } from '../record/afterwards.ts';
import type { RunRecord } from '../record/model.ts';
import type { Uploader } from './files.ts';
import type { FirstOf } from './past-thread.ts';
import type { Asked } from './payloads.ts';
import type { Desk } from './ports.ts';
import type { Content } from './views/index.ts';
import { within } from './waiting.ts';

export type Office = {
  readonly desk: Desk;
  readonly channels: Channels;
  readonly directory: Directory;
  /** Asked only where a form brought a code, so that nothing of it is needed where no cluster wants one. */
  readonly factors: Prover;
  readonly log: Logger;
  /** Absent where none is kept. */
  readonly history?: Pick<HistoryIndex, 'search'> | undefined;
  permalinkOf(run: string): Promise<string | undefined>;
  /** `ts` of the first message of a run's thread, where it is known to be posted. */
  threadOf(run: string): Promise<string | undefined>;
  /** What the first message of a thread says. */
  readonly firstOf: FirstOf;
  /** What came after the end of a run; absent where nothing of it is kept. */
  readonly afterwardsOf?: AfterwardsOf | undefined;
  /** The record of a run, as an export holds it. */
  recordOf(run: string): Promise<RunRecord | undefined>;
  /** Puts a file into a thread. */
  readonly upload: Uploader;
  /** While the trigger is fresh (3 s). KeyturnError SLACK_FORM_REFUSED, with `otherwise` as what to do. */
  openForm(trigger: string, view: ModalView, otherwise: string): Promise<void>;
};

/** The run whose thread this is, by the journals of those that are on. Those that are over are not looked for: nothing can be done with them. */
export async function runInThread(
  office: Pick<Office, 'desk' | 'threadOf'>,
  channel: string,
  thread: string,
): Promise<RunState | undefined> {
  const here = (await office.desk.open()).filter((state) => state.channel.id === channel);
  const threads = await Promise.all(here.map((state) => office.threadOf(state.run)));
  return here[threads.indexOf(thread)];
}

/** Where something was asked, and by whom. */
export type Asker = Pick<Asked, 'team' | 'user' | 'channel' | 'channelName'>;

export type Admitted = { readonly kind: 'admitted'; readonly standing: Standing } | { readonly kind: 'refused'; readonly content: Content };

/** The place and the person, asked side by side. What the person may do in particular is decided by the desk, with the same standing. */
export async function admit(office: Office, asked: Asker, groups: readonly string[], anywhere = false): Promise<Admitted> {
  const [place, standing] = await Promise.all([
    anywhere ? undefined : office.channels.look({ id: asked.channel, name: asked.channelName }),
    office.directory.standingOf({ team: asked.team, user: asked.user }, groups),
  ]);
  const elsewhere = place === undefined ? undefined : whyNotHere(place);
  const why = elsewhere ?? whyNotRead(office.desk.clusters(), standing);
  if (why !== undefined) await office.desk.refused(standing, 'read', why);
  return why === undefined ? { kind: 'admitted', standing } : { kind: 'refused', content: note(why) };
}

/** Whoever may read no cluster at all learns no names either. */
function whyNotRead(clusters: readonly Cluster[], standing: Standing): string | undefined {
  const verdicts = clusters.map((cluster) => authorise('read', standing, aboutCluster(cluster)));
  if (verdicts.some((verdict) => verdict.kind === 'allowed')) return undefined;
  const refused = verdicts.find((verdict) => verdict.kind === 'refused');
  if (refused?.kind === 'refused') return refused.why;
  return standing.kind.kind === 'member' ? undefined : 'You may not use Keyturn.';
}

const PERMALINK_MS = 300;

/** The link to a run's thread where it is known quickly; an answer never waits for Slack's posting. */
export async function quickLink(office: Office, run: string): Promise<string | undefined> {
  const asked = await within(
    office.permalinkOf(run).catch(() => undefined),
    PERMALINK_MS,
  );
  return asked.kind === 'done' ? asked.value : undefined;
}
