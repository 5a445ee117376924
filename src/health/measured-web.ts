/** The outbox's door to Slack, with every answer counted. */
import type { Answer, SlackWeb } from '../slack/outbox/ports.ts';
import type { SlackCall, Tally } from './tally.ts';

export function measured(web: SlackWeb, tally: Tally): SlackWeb {
  async function counted<T>(call: SlackCall, work: Promise<Answer<T>>): Promise<Answer<T>> {
    const answer = await work;
    tally.slackAnswered(call, answer.kind, answer.kind === 'later' ? answer.ms : 0);
    return answer;
  }
  return {
    post: (order) => counted('post', web.post(order)),
    update: (order) => counted('update', web.update(order)),
    look: (order) => counted('look', web.look(order)),
    upload: (order) => counted('upload', web.upload(order)),
    share: (order) => counted('share', web.share(order)),
    permalink: (order) => counted('permalink', web.permalink(order)),
  };
}
