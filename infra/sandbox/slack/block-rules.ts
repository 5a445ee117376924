/** Slack's published shapes and limits of blocks and elements (as in @slack/types 3.2.0 and docs.slack.dev/reference/block-kit). */
import { z } from 'zod';

const plain = (max: number) => z.looseObject({ type: z.literal('plain_text'), text: z.string().min(1).max(max) });
const anyText = (max: number) => z.looseObject({ type: z.enum(['plain_text', 'mrkdwn']), text: z.string().min(1).max(max) });
const id = z.string().min(1).max(255);
const option = z.looseObject({ text: anyText(75), value: z.string().max(150), description: anyText(75).optional() });
const options = z.array(option).min(1).max(100);

export const confirmSchema = z.looseObject({
  title: plain(100),
  text: anyText(300),
  confirm: plain(30),
  deny: plain(30),
  style: z.enum(['primary', 'danger']).optional(),
});

const action = { action_id: id.optional(), confirm: confirmSchema.optional() };

/** Elements that people act on. */
const ELEMENTS = {
  button: z.looseObject({
    ...action,
    text: plain(75),
    value: z.string().max(2000).optional(),
    url: z.string().max(3000).optional(),
    style: z.enum(['primary', 'danger']).optional(),
    accessibility_label: z.string().max(75).optional(),
  }),
  static_select: z.looseObject({
    ...action,
    options: options.optional(),
    placeholder: plain(150).optional(),
    initial_option: option.optional(),
  }),
  multi_static_select: z.looseObject({ ...action, options: options.optional(), placeholder: plain(150).optional() }),
  users_select: z.looseObject({ ...action }),
  radio_buttons: z.looseObject({ ...action, options: z.array(option).min(1).max(10), initial_option: option.optional() }),
  checkboxes: z.looseObject({ ...action, options: z.array(option).min(1).max(10), initial_options: z.array(option).optional() }),
  datepicker: z.looseObject({ ...action, placeholder: plain(150).optional() }),
  overflow: z.looseObject({ ...action, options: z.array(option).min(1).max(5) }),
  plain_text_input: z.looseObject({
    action_id: id.optional(),
    multiline: z.boolean().optional(),
    min_length: z.number().int().max(3000).optional(),
    max_length: z.number().int().max(3000).optional(),
    initial_value: z.string().max(3000).optional(),
    placeholder: plain(150).optional(),
  }),
  number_input: z.looseObject({ action_id: id.optional(), is_decimal_allowed: z.boolean() }),
  image: z.looseObject({ alt_text: z.string().max(2000) }),
};

type ElementType = keyof typeof ELEMENTS;
const isElementType = (type: string): type is ElementType => type in ELEMENTS;

const element = (allowed: readonly ElementType[]) =>
  z.looseObject({ type: z.string() }).superRefine((value, context) => {
    if (!isElementType(value.type) || !allowed.includes(value.type)) {
      context.addIssue({ code: 'custom', message: `unsupported element type: ${value.type}`, path: ['type'] });
      return;
    }
    const checked = ELEMENTS[value.type].safeParse(value);
    for (const issue of checked.error?.issues ?? []) context.addIssue({ code: 'custom', message: issue.message, path: [...issue.path] });
  });

const INPUTS: readonly ElementType[] = [
  'plain_text_input',
  'number_input',
  'static_select',
  'multi_static_select',
  'users_select',
  'radio_buttons',
  'checkboxes',
  'datepicker',
];
const ACTIONS: readonly ElementType[] = [
  'button',
  'static_select',
  'users_select',
  'radio_buttons',
  'checkboxes',
  'datepicker',
  'overflow',
];

const richInline = z.looseObject({
  type: z.enum(['text', 'link', 'user', 'usergroup', 'channel', 'emoji', 'date', 'broadcast', 'color']),
  text: z.string().min(1).optional(),
});
const section = z.looseObject({ type: z.literal('rich_text_section'), elements: z.array(richInline) });
const literalOnly = z.looseObject({ type: z.enum(['text', 'link']), text: z.string().min(1).optional() });
const richElement = z.discriminatedUnion('type', [
  section,
  z.looseObject({ type: z.literal('rich_text_preformatted'), elements: z.array(literalOnly) }),
  z.looseObject({ type: z.literal('rich_text_quote'), elements: z.array(richInline) }),
  z.looseObject({ type: z.literal('rich_text_list'), style: z.enum(['bullet', 'ordered']), elements: z.array(section) }),
]);
const richText = z.looseObject({ type: z.literal('rich_text'), elements: z.array(richElement) });
const taskCard = z.looseObject({
  task_id: z.string().min(1),
  title: z.string().min(1),
  status: z.enum(['pending', 'in_progress', 'complete', 'error']).optional(),
  details: richText.optional(),
  output: richText.optional(),
});

/** One schema per block type; a type that is not here is an invalid block. */
export const BLOCKS: Readonly<Record<string, z.ZodType>> = {
  section: z
    .looseObject({
      text: anyText(3000).optional(),
      fields: z.array(anyText(2000)).min(1).max(10).optional(),
      accessory: element([...ACTIONS, 'image', 'multi_static_select']).optional(),
    })
    .refine((block) => block.text !== undefined || block.fields !== undefined, 'a section needs text or fields'),
  header: z.looseObject({ text: plain(150) }),
  divider: z.looseObject({}),
  context: z.looseObject({
    elements: z
      .array(z.union([anyText(3000), z.looseObject({ type: z.literal('image'), alt_text: z.string().max(2000) })]))
      .min(1)
      .max(10),
  }),
  actions: z.looseObject({ elements: z.array(element(ACTIONS)).min(1).max(25) }),
  input: z.looseObject({ label: plain(2000), element: element(INPUTS), hint: plain(2000).optional(), optional: z.boolean().optional() }),
  image: z.looseObject({ alt_text: z.string().min(1).max(2000), title: plain(2000).optional() }),
  rich_text: z.looseObject({ elements: richText.shape.elements }),
  markdown: z.looseObject({ text: z.string().min(1).max(12_000) }),
  file: z.looseObject({ external_id: z.string(), source: z.literal('remote') }),
  table: z.looseObject({ rows: z.array(z.array(z.unknown()).max(20)).min(1).max(100) }),
  task_card: taskCard,
  plan: z.looseObject({ title: z.string().min(1), tasks: z.array(taskCard).max(50).optional() }),
  alert: z.looseObject({ text: anyText(3000) }),
  context_actions: z.looseObject({ elements: z.array(z.unknown()).min(1).max(5) }),
  video: z.looseObject({ alt_text: z.string(), title: plain(200) }),
};

/** The blocks that only one surface takes. */
export const ONLY_IN_MESSAGES: readonly string[] = ['task_card', 'plan', 'table', 'file', 'markdown', 'context_actions'];
export const ONLY_IN_VIEWS: readonly string[] = ['alert'];

/** The frame of a modal or Home view, without its blocks. */
export const VIEW = z.looseObject({
  type: z.enum(['modal', 'home']),
  title: plain(24).optional(),
  submit: plain(24).optional(),
  close: plain(24).optional(),
  private_metadata: z.string().max(3000).optional(),
  callback_id: z.string().max(255).optional(),
  external_id: z.string().max(255).optional(),
});
