/** Every request for an approval: what it would start, by which digest, what was looked at before, who stood for it. Pure. */
import { shownValue } from '../../procedure/secret-mark.ts';
import type { Item } from '../../run/events.ts';
import type { Approval } from '../../run/state.ts';
import type { Block, Inline, Section } from '../model.ts';
import type { Story } from '../story.ts';
import { backerLine, filled, iso, person, stepTitle } from '../words.ts';

export function approvalsSection(story: Story): Section {
  const all = Object.values(story.state.approvals);
  const none: Block = { kind: 'text', text: 'None was asked for.' };
  return { id: 'approvals', title: 'Approvals', blocks: all.length === 0 ? [none] : all.map((each) => approvalPart(story, each)) };
}

function approvalPart(story: Story, approval: Approval): Block {
  const { state } = story;
  const steps = [...new Set(approval.subject.items.map(({ step }) => step))].map((id) => stepTitle(state, id));
  const facts: readonly (readonly [string, Inline])[] = [
    ['Needs', approval.needs === 'second' ? 'a second person, never the requester' : 'a press, of the requester too'],
    ['Why it is asked for', filled(state, approval.why)],
    ['Asked at', [{ time: approval.askedAt }, `, open until ${iso(approval.expiresAt)}`]],
    ['Digest', { code: approval.digest }],
    ['Decided', statusWords(approval)],
    ...approval.backers.map((backer): readonly [string, Inline] => ['Stood for it', backerLine(backer)]),
    ...rolesFact(approval),
  ];
  const checks = approval.checks.map(({ host, what, ok, seen }): readonly Inline[] => [{ code: host }, what, ok ? 'yes' : 'NO', seen]);
  return {
    kind: 'part',
    title: steps.join(' and '),
    blocks: [
      { kind: 'facts', facts },
      ...lines('Changed since the request before it', approval.changed),
      ...lines('What must be so beforehand, as the procedure writes it', approval.subject.requires ?? []),
      ...(checks.length === 0 ? [] : [{ kind: 'table', head: ['Host', 'Looked at before', 'So?', 'Seen'], rows: checks } as const]),
      ...lines('Evidence', approval.evidence),
      ...itemBlocks(approval.subject.items),
      ...lines('What must hold afterwards, as the procedure writes it', approval.subject.expectations),
    ],
  };
}

function rolesFact({ subject }: Approval): readonly (readonly [string, Inline])[] {
  const roles = Object.entries(subject.roles).map(([role, host]) => `${role}: ${host}`);
  return roles.length === 0 ? [] : [['Roles as just observed', roles.join(', ')]];
}

function lines(title: string, texts: readonly string[]): readonly Block[] {
  return texts.length === 0 ? [] : [{ kind: 'table', head: [title], rows: texts.map((text) => [text]) }];
}

function statusWords({ status }: Approval): Inline {
  switch (status.kind) {
    case 'open':
      return { strong: 'not yet' };
    case 'given':
      if (status.glass !== undefined)
        return [{ strong: 'BREAK-GLASS' }, ' by ', person(status.by), ', ', { time: status.at }, `: ${status.glass}`];
      return [{ strong: 'approved' }, ' by ', person(status.by), ', ', { time: status.at }];
    case 'rejected':
      return [{ strong: 'rejected' }, ' by ', person(status.by), ', ', { time: status.at }, `: ${status.reason}`];
    case 'expired':
      return [{ strong: 'expired' }, ', ', { time: status.at }];
    case 'voided':
      return [{ strong: 'voided' }, ', ', { time: status.at }, `: ${status.why}`];
  }
}

/** Each different script once, with the hosts that it is for. */
export function itemBlocks(items: readonly Item[]): readonly Block[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = JSON.stringify([item.step, item.script, item.shell, item.become, item.answers, item.env, item.diff]);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : groupBlocks(first, group);
  });
}

function groupBlocks(item: Item, group: readonly Item[]): readonly Block[] {
  const { step, script, env, shell, become, answers = [], diff } = item;
  const hosts = group.map(({ host, address, attempt }) => `${host} (${address}${attempt === 1 ? '' : `, attempt ${attempt}`})`);
  const as = become === undefined ? '' : `, as the user ${become}`;
  const within = shell === undefined ? '' : `, fed to the shell ${shell.name}`;
  const values = Object.entries(env).map(([key, value]) => `${key}=${shownValue(value)}`);
  const told = answers.map(({ prompt, answer }) => `when it prints  ${prompt}\nit is told      ${shownValue(answer)}`);
  return [
    { kind: 'script', title: `${step}, exactly this on ${hosts.join(', ')}${within}${as}`, text: script },
    ...(shell === undefined ? [] : [{ kind: 'script', title: `The shell ${shell.name} is started by`, text: shell.run } as const]),
    ...(values.length === 0 ? [] : [{ kind: 'script', title: 'With these values', text: values.join('\n') } as const]),
    ...(told.length === 0 ? [] : [{ kind: 'script', title: 'Its questions are answered so', text: told.join('\n') } as const]),
    ...(diff === undefined || diff === '' ? [] : [{ kind: 'script', title: 'It changes this', text: diff } as const]),
  ];
}
