/** What Slack's refusals mean for a message (errors of chat.postMessage, chat.update, conversations.replies). A refusal in no list may pass: the message is tried again. */

/** It does not take the layout; the text alone may go. */
export const LAYOUT: ReadonlySet<string> = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
  'block_mismatch',
]);

/** The message is gone or may not be changed any more, and waiting does not help. */
export const CLOSED: ReadonlySet<string> = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'update_failed',
  'is_inactive',
]);

/** The message that begins the thread was deleted. */
export const THREAD_GONE: ReadonlySet<string> = new Set(['thread_not_found', 'cannot_reply_to_message']);

/** The app may not read what stands in the channel. */
export const UNREADABLE: ReadonlySet<string> = new Set([
  'missing_scope',
  'unknown_method',
  'not_allowed_token_type',
  'method_not_supported_for_channel_type',
]);
