/** What the rest of the Slack edge uses of the views. */
export * from './actions.ts';
export { codeFor } from './code-for.ts';
export { escape } from './escape.ts';
export { helpView, procedureHelpView } from './help.ts';
export { type Content, deliveryOf, type Message, type Place } from './message.ts';
export { type MessageFile, MOST_FILE_BYTES } from './output-file.ts';
export { type ReasonAsk, reasonModal } from './modal.ts';
export { fieldOf, givenIn, paramsModal, whyNoForm } from './params-modal.ts';
export type { Plans } from './plan-reply.ts';
export { listView, lockedView, refusedView, statusView } from './private.ts';
export { planViews } from './private-plan.ts';
export { MOST_REVIEWS, reviewsView } from './reviews.ts';
export { HISTORY_PAGE, historyView } from './history.ts';
export { approvalsView, type Given, type GivenPage, givenLine, MOST_WAITING, redOf, type Waiting, waitingLine } from './approvals.ts';
export { type Shown, showLines, showView } from './show.ts';
export { thread } from './thread.ts';
export { slackTime } from './times.ts';
export { visible } from './visible.ts';
