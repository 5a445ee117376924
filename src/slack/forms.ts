/** Opens forms. */
import type { WebClient } from '@slack/web-api';
import { KeyturnError } from '../errors.ts';
import { sayFailure, webFailure } from './failure.ts';
import type { Office } from './office.ts';

/** A trigger that was used already is one that came twice: the form stands. */
export function formOpener(web: WebClient): Office['openForm'] {
  return async (trigger, view, otherwise) => {
    try {
      await web.views.open({ trigger_id: trigger, view });
    } catch (error) {
      const failure = webFailure(error);
      if (failure.kind === 'said' && failure.code === 'exchanged_trigger_id') return;
      throw new KeyturnError('SLACK_FORM_REFUSED', `the form did not open (${sayFailure(failure)}).`, otherwise, { cause: error });
    }
  };
}
