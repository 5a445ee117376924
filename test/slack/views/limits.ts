/** Slack's limits, measured on a message: what `slack-facts` calls safe. */
import type { Content } from '../../../src/slack/views/index.ts';

/** Sentences about every limit that is broken; none is right. */
export function broken(content: Content): readonly string[] {
  const sections = content.blocks.flatMap((block) => (block.type === 'section' ? [block.text?.text.length ?? 0] : []));
  const buttons = content.blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));
  return [
    ...(content.text.length > 3_500 ? [`text ${content.text.length}`] : []),
    ...(content.blocks.length > 50 ? [`blocks ${content.blocks.length}`] : []),
    ...sections.filter((length) => length > 3_000 || length < 1).map((length) => `section ${length}`),
    ...(blockText(content) > 9_500 ? [`all ${blockText(content)}`] : []),
    ...buttons.flatMap((each) => (each.type === 'button' && each.text.text.length > 75 ? [`button ${each.text.text}`] : [])),
    ...content.blocks.flatMap((block) => ((block.block_id?.length ?? 0) > 255 ? ['block_id'] : [])),
  ];
}

/** Every `text` anywhere in the blocks. */
export function blockText(content: Content): number {
  return texts(content.blocks).reduce((sum, text) => sum + text.length, 0);
}

/** mrkdwn that Slack would parse: the top-level text, sections and contexts. */
export function mrkdwn(content: Content): string {
  const inBlocks = content.blocks.flatMap((block) => {
    if (block.type === 'section') return [block.text?.text ?? ''];
    return block.type === 'context' ? texts(block.elements) : [];
  });
  return [content.text, ...inBlocks].join('\n');
}

export function shown(content: Content): string {
  return texts(content.blocks.filter((block) => block.type === 'rich_text')).join('\n');
}

function texts(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(texts);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === 'text' && typeof inner === 'string' ? [inner] : texts(inner)));
}
