/**
 * Every environment variable that Keyturn reads: the one list that `config.ts`, `.env.example` and `docs/slack-setup.md` are held against.
 * Pure: a table.
 */
export type Variable = {
  readonly name: string;
  /** What may stand in it, in words. */
  readonly allowed: string;
  /** Where a person finds the value. */
  readonly where: string;
  /** Never shown, not even in part. */
  readonly secret: boolean;
};

export const VARIABLES = [
  {
    name: 'SLACK_BOT_TOKEN',
    allowed: 'a bot token, which begins with xoxb-',
    where: 'api.slack.com/apps → your app → OAuth & Permissions → Bot User OAuth Token',
    secret: true,
  },
  {
    name: 'SLACK_APP_TOKEN',
    allowed: 'an app-level token with the scope connections:write, which begins with xapp-',
    where: 'api.slack.com/apps → your app → Basic Information → App-Level Tokens',
    secret: true,
  },
  {
    name: 'SLACK_SIGNING_SECRET',
    allowed: 'the signing secret: at least 8 characters without blanks',
    where: 'api.slack.com/apps → your app → Basic Information → App Credentials → Signing Secret',
    secret: true,
  },
  { name: 'PORT', allowed: 'a TCP port from 1 to 65535', where: 'the port that your proxy forwards Slack requests to', secret: false },
  {
    name: 'SLACK_API_URL',
    allowed: 'an address that begins with https:// (http:// on this machine only)',
    where: 'leave it empty, unless you use GovSlack or the sandbox',
    secret: false,
  },
  {
    name: 'REDIS_URL',
    allowed: 'an address that begins with redis://, rediss://, unix://, redis+sentinel:// or redis+cluster:// (rediss+… with TLS)',
    where: 'your Redis or its provider; leave it empty for an own server on this machine',
    secret: true,
  },
  { name: 'KEYTURN_PROCEDURES', allowed: 'the path of a folder', where: 'the folder with <product>/<procedure>.yaml', secret: false },
  { name: 'KEYTURN_CLUSTERS', allowed: 'the path of a folder', where: 'the folder with <cluster>.yaml', secret: false },
  {
    name: 'KEYTURN_PEOPLE',
    allowed: 'the path of a file',
    where: 'a YAML file that says which accounts belong to one person (docs/clusters.md)',
    secret: false,
  },
  {
    name: 'KEYTURN_DATA',
    allowed: 'the path of a folder that Keyturn may write',
    where: 'a disk that outlives the process',
    secret: false,
  },
  {
    name: 'KEYTURN_RECORD',
    allowed: 'the path of a folder that Keyturn may write',
    where: 'a folder that the bot and every worker see, for outputs and the archive; leave it empty where both are one process',
    secret: false,
  },
  {
    name: 'KEYTURN_ARCHIVE_AFTER_DAYS',
    allowed: 'a whole number of days from 0 to 99999',
    where: 'how long the journal of a finished run stays in Redis before it becomes a file in the archive',
    secret: false,
  },
  {
    name: 'KEYTURN_KEEP_DAYS',
    allowed: 'a whole number of days, not less than KEYTURN_ARCHIVE_AFTER_DAYS',
    where: 'what your rules for change records ask for; leave it empty to keep everything',
    secret: false,
  },
  {
    name: 'KEYTURN_STATUS',
    allowed: 'a TCP port, or address:port',
    where: 'what your Prometheus and your health checks ask, for example 9464',
    secret: false,
  },
  {
    name: 'KEYTURN_KEY_FILE',
    allowed: 'the path of a file',
    where: 'the key file of this installation; the same for the bot and every worker',
    secret: false,
  },
  {
    name: 'KEYTURN_FILES',
    allowed: 'the path of a folder',
    where: 'the folder with packages and other files that procedures copy to hosts',
    secret: false,
  },
  {
    name: 'KEYTURN_REPLICAS',
    allowed: 'a whole number from 0 to 9',
    where: 'how many Redis replicas must confirm an approval; 0 without replicas',
    secret: false,
  },
  {
    name: 'KEYTURN_POSTS_PER_SECOND',
    allowed: 'a whole number from 1 to 999',
    where: 'leave it empty, unless Slack has granted your app more than one message a second and channel',
    secret: false,
  },
  {
    name: 'KEYTURN_ADMINISTRATORS',
    allowed: 'ids of Slack users (U… or W…), separated by commas',
    where: 'in Slack, on the profile of each: Copy member ID',
    secret: false,
  },
  { name: 'KEYTURN_SSH_KEY', allowed: 'the path of a private key file', where: 'for example ~/.ssh/keyturn_ed25519', secret: false },
  { name: 'KEYTURN_SSH_PASSPHRASE', allowed: 'any text', where: 'whoever made the key', secret: true },
  { name: 'SSH_AUTH_SOCK', allowed: 'the path of a socket', where: 'set by ssh-agent', secret: false },
  { name: 'LOG_LEVEL', allowed: 'trace, debug, info, warn, error, fatal or silent', where: 'info is right for production', secret: false },
] as const satisfies readonly Variable[];

export type VariableName = (typeof VARIABLES)[number]['name'];

/** The row of one variable. */
export function variable(name: VariableName): Variable {
  const found = VARIABLES.find((row) => row.name === name);
  if (found === undefined) throw new Error(`no variable is called ${name}`);
  return found;
}
