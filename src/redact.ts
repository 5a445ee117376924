/** Tokens, signatures and answer addresses never reach a log, whoever puts them into a message. */
export function redact(text: string): string {
  return text
    .replace(/\b(xox[a-z]|xapp)-[\w-]+/g, '$1-[hidden]')
    .replace(/(Bearer\s+)[^\s"']+/gi, '$1[hidden]')
    .replace(/\bv0=[0-9a-f]{16,}/g, 'v0=[hidden]')
    .replace(/(https?:\/\/[^\s"'<>]*\/(?:commands|actions|services|app|response)\/)[^\s"'<>]+/g, '$1[hidden]')
    .replace(/(wss?:\/\/[^\s"'<>?]*)\?[^\s"'<>]*/g, '$1?[hidden]');
}
