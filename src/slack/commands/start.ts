/** `/ha <procedure> <cluster> …` and `/ha plan <procedure> <cluster> …`. */
import type { Answer } from '../answer.ts';
import type { Command } from '../command.ts';
import type { Office } from '../office.ts';
import { formFor } from '../params-form.ts';
import type { Asked } from '../payloads.ts';
import { admitTo, carryOut, type RunOrder } from '../run-order.ts';

type Run = Extract<Command, { kind: 'start' | 'plan' }>;

/** Carried out, or asked for what is missing in a form. */
export async function run(office: Office, asked: Asked, command: Run): Promise<Answer> {
  const admitted = await admitTo(office, asked, command);
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const order: RunOrder = {
    what: command.kind,
    procedure: command.procedure,
    cluster: command.cluster,
    params: command.params,
    standing: admitted.standing,
    // The team of the channel is the team that the command came from; the person's own may be another one of the organisation.
    channel: { team: asked.team, id: asked.channel },
    requestId: asked.triggerId,
  };
  const form = formFor(office, order);
  switch (form.kind) {
    case 'none':
      return carryOut(office, order);
    case 'told':
      return { kind: 'now', content: form.content };
    case 'form':
      await office.openForm(asked.triggerId, form.view, form.otherwise);
      return { kind: 'now', content: undefined };
  }
}
