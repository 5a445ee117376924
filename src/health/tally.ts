/** What parts tell of their work while they do it: numbers only, and no name of a person or a host. */
export const SLACK_CALLS = ['post', 'update', 'look', 'upload', 'share', 'permalink'] as const;
export type SlackCall = (typeof SLACK_CALLS)[number];
export const SLACK_ANSWERS = ['done', 'later', 'refused', 'unknown'] as const;
export type SlackAnswer = (typeof SLACK_ANSWERS)[number];

export type Tally = {
  /** A dial to a host is over: `connected`, or the code of the problem. */
  readonly dialled: (result: string) => void;
  /** A call of the outbox was answered; `waitMs`: how long Slack told us to wait. */
  readonly slackAnswered: (call: SlackCall, answer: SlackAnswer, waitMs: number) => void;
  /** Runs were moved into the archive. */
  readonly archived: (runs: number) => void;
  /** The archive is kept up, by this process or another one. */
  readonly archiveKept: () => void;
};

/** Where nobody asks for numbers. */
export const NO_TALLY: Tally = {
  dialled: () => undefined,
  slackAnswered: () => undefined,
  archived: () => undefined,
  archiveKept: () => undefined,
};
