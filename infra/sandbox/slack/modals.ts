/** A person in a modal: fills in, submits, presses, closes; the bot's response_action is carried out as Slack does. */
import { checkView } from './check-blocks.ts';
import type { Core } from './core.ts';
import type { Receipt } from './delivery.ts';
import { controlsOf, isObject, list, str, userOf } from './find.ts';
import { blocksSchema, type JsonObject, type OpenView, type User } from './model.ts';
import { actionPayload, closedPayload, type Filled, stateValues, submissionPayload } from './payloads.ts';
import { actionOf, type ClickOrder, type Forge, pick } from './people.ts';
import { changeView, newView } from './web-api/views.ts';

/** What became of a submitted modal. */
export type Submitted =
  | { readonly kind: 'closed' }
  | { readonly kind: 'errors'; readonly errors: Readonly<Record<string, string>> }
  | { readonly kind: 'updated'; readonly view: OpenView }
  | { readonly kind: 'pushed'; readonly view: OpenView }
  /** Slack shows "We had some trouble connecting. Try again?" and keeps the modal open. */
  | { readonly kind: 'failed'; readonly receipt: Receipt };

export interface SubmitOrder {
  /** The topmost one unless named. */
  readonly viewId?: string;
  readonly values: Filled;
  readonly forge?: Forge;
}

export class Modals {
  private readonly core: Core;
  private readonly user: User;

  constructor(core: Core, idOrName: string) {
    this.core = core;
    this.user = userOf(core.world, idOrName);
  }

  private top(viewId: string | undefined): OpenView {
    const open = this.core.world.openViews(this.user.id);
    const view = viewId === undefined ? open.at(-1) : open.find((each) => each.id === viewId);
    if (view === undefined) throw new Error(`${this.user.name} has no ${viewId === undefined ? 'modal' : `modal ${viewId}`} open`);
    return view;
  }

  /** Fills in and submits. Slack itself refuses an empty required input, without asking the app. */
  async submit(order: SubmitOrder): Promise<Submitted> {
    const view = this.top(order.viewId);
    const values = stateValues(view.view, order.values);
    const missing = order.forge === undefined ? emptyRequired(view.view, values) : {};
    if (Object.keys(missing).length > 0) return { kind: 'errors', errors: missing };
    const payload = submissionPayload(this.core.world, this.user, view, values, this.core.tickets.issueTrigger(this.user.id, view.id));
    const receipt = await this.core.delivery.deliver({ kind: 'interactive', payload: order.forge?.(payload) ?? payload, accepts: true });
    return receipt.kind === 'acked' ? this.respond(view, receipt) : { kind: 'failed', receipt };
  }

  private respond(view: OpenView, receipt: Extract<Receipt, { kind: 'acked' }>): Submitted {
    const { body } = receipt;
    switch (str(body, 'response_action')) {
      case 'errors':
        return { kind: 'errors', errors: errorTexts(body) };
      case 'clear':
        return this.shut(this.core.world.openViews(this.user.id));
      case 'update':
      case 'push':
        return this.show(view, body, receipt);
      default:
        return this.shut([view]);
    }
  }

  private shut(views: readonly OpenView[]): Submitted {
    this.core.world.closeViews(
      this.user.id,
      views.map((each) => each.id),
    );
    return { kind: 'closed' };
  }

  private show(view: OpenView, body: JsonObject, receipt: Receipt): Submitted {
    const checked = checkView(body.view, () => this.core.world.nextId('b'));
    if (checked.kind === 'refused') return { kind: 'failed', receipt };
    if (body.response_action === 'update') return { kind: 'updated', view: changeView(this.core, view, checked.value) };
    const pushed = newView(this.core, this.user.id, checked.value, view);
    this.core.world.showView(pushed);
    return { kind: 'pushed', view: pushed };
  }

  /** Closes the topmost modal; the app hears of it only if it asked for that. */
  async close(viewId?: string): Promise<void> {
    const view = this.top(viewId);
    this.shut([view]);
    if (view.view.notify_on_close !== true) return;
    await this.core.delivery.deliver({
      kind: 'interactive',
      payload: closedPayload(this.core.world, this.user, view, false),
      accepts: false,
    });
  }

  /** Presses a button inside the modal. */
  async press(
    order: Pick<ClickOrder, 'actionId' | 'label' | 'blockId' | 'value' | 'choose'> & { readonly values?: Filled },
  ): Promise<Receipt> {
    const view = this.top(undefined);
    const action = actionOf(pick(controlsOf(blocksOf(view)), order), order.choose, this.core.world.nextTs());
    const place = { kind: 'view', view, values: stateValues(view.view, order.values ?? {}) } as const;
    const links = { trigger: this.core.tickets.issueTrigger(this.user.id, view.id), responseUrl: '' };
    const payload = actionPayload(this.core.world, this.user, place, action, links);
    return this.core.delivery.deliver({ kind: 'interactive', payload, accepts: false });
  }
}

function blocksOf(view: OpenView): readonly JsonObject[] {
  const parsed = blocksSchema.safeParse(view.view.blocks);
  return parsed.success ? parsed.data : [];
}

/** Block id to text, from `response_action: errors`. */
function errorTexts(body: JsonObject): Readonly<Record<string, string>> {
  const errors = isObject(body.errors) ? body.errors : {};
  return Object.fromEntries(Object.entries(errors).map(([block, text]) => [block, String(text)]));
}

function emptyRequired(view: JsonObject, values: JsonObject): Readonly<Record<string, string>> {
  const required = list(view.blocks).filter((block) => isObject(block) && block.type === 'input' && block.optional !== true);
  const ids = required.map((block) => str(block, 'block_id') ?? '');
  return Object.fromEntries(ids.filter((id) => isEmpty(values[id])).map((id) => [id, 'Please complete this required field.']));
}

function isEmpty(state: JsonObject[string]): boolean {
  const fields = isObject(state) ? Object.values(state) : [];
  return fields.every((field) => {
    const { type: _type, ...rest } = isObject(field) ? field : {};
    return Object.values(rest).every((value) => value === null || value === '' || (Array.isArray(value) && value.length === 0));
  });
}
