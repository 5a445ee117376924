/** What people write in `infra/clusters/<name>.yaml`. The engine's form is `model.ts`. */
import { z } from 'zod';
import { nameSchema } from '../procedure/inputs-schema.ts';
import { strict } from '../procedure/issues.ts';
import { clusterRightsSourceSchema, peopleSourceSchema, ruleSourceSchema } from '../procedure/policy-source.ts';

const fileName = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be lower-case letters, digits and -, beginning with a letter');
const hostName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/, 'must be letters, digits, dots, - and _, beginning with a letter or digit');
const address = z
  .string()
  .regex(/^[A-Za-z0-9:][A-Za-z0-9:._-]{0,252}$/, 'must be a host name or an IP address, without a port (that is `port`)');
const account = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/, 'must be the name of a user account');
const port = z.int().min(1).max(65535);
const keyFile = z.string().regex(/^(\/|~\/)[^\0\n]+$/, 'must be the absolute path of a private key file, or one that begins with ~/');
const secretFile = z.string().regex(/^(\/|~\/)[^\0\n]+$/, 'must be the absolute path of a file, or one that begins with ~/');
const channel = z.string().regex(/^[CG][A-Z0-9_]{1,40}$/, 'must be the id of a Slack channel (C… or G…), not a name');

const login = {
  user: account.optional().describe('User to log in as'),
  port: port.optional().describe('SSH port; 22 if absent'),
  key: keyFile.optional().describe('Private key file on the machine that runs the worker; absent means the SSH agent'),
  become: account.optional().describe('User as whom the commands run, if not the one who logs in'),
  jump: nameSchema.optional().describe('Entry under `jumps` through which the connection goes'),
};

const variables = z.record(nameSchema, z.union([z.string(), z.int()]));

const hostSourceSchema = strict({
  name: hostName.describe('The name that people and procedures use'),
  address: address.describe('Where SSH connects to'),
  aliases: z.array(hostName).optional().describe('Other names under which the product reports this host, such as its full domain name'),
  roles: z
    .array(nameSchema)
    .min(1)
    .describe('What the host is; roles that change by themselves (leader, replica) are found at run time and never written here'),
  variables: variables.optional().describe('Values that differ from host to host; they go before the cluster’s'),
  ...login,
}).meta({ id: 'host', title: 'A host' });

const jumpSourceSchema = strict({
  address: address.describe('Where SSH connects to'),
  user: account.describe('User to log in as'),
  port: port.optional().describe('SSH port; 22 if absent'),
  key: keyFile.optional().describe('Private key file; absent means the SSH agent'),
}).meta({ id: 'jumpHost', title: 'A jump host' });

export const clusterSourceSchema = strict({
  cluster: fileName.describe('Name, as in /ha <procedure> <cluster>; the file is <name>.yaml'),
  product: fileName.describe('Product; its procedures are those in procedures/<product>'),
  title: z.string().min(1).describe('What it is, in a few words'),
  defaults: strict(login).optional().describe('For every host that does not say otherwise'),
  jumps: z.record(nameSchema, jumpSourceSchema).optional().describe('Jump hosts'),
  hosts: z.array(hostSourceSchema).min(1).describe('In the order in which `each` goes through them'),
  variables: variables.optional().describe('Values for the variables that the procedures declare'),
  secrets: z
    .record(
      nameSchema,
      z.union([
        strict({
          env: z
            .string()
            .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable')
            .describe('Environment variable of the worker'),
        }),
        strict({ file: secretFile.describe('File on the machine of the worker; a line end at its end does not count') }),
      ]),
    )
    .optional()
    .describe('Where the worker finds the secrets that the procedures declare; the values never stand here'),
  may: strict({
    start: peopleSourceSchema.describe('Who may start a run; an empty list means nobody'),
    approve: ruleSourceSchema.describe(
      'Who may be the second person: a list of ids (any one of them; an empty list means nobody), or how many of whom must approve',
    ),
    settle: peopleSourceSchema
      .optional()
      .describe('Who may press gates, settle troubles and resume; absent: whoever may start or approve, and the requester'),
    cancel: peopleSourceSchema.optional().describe('Who may pause, cancel and abort; absent: the same. The requester always may'),
    read: peopleSourceSchema
      .optional()
      .describe('Who sees the cluster and its runs, beside those above; absent: every member of the workspace'),
  }).describe('Ids of Slack users and user groups'),
  procedures: z
    .record(fileName, clusterRightsSourceSchema)
    .optional()
    .describe('Stricter rights for single procedures, by name: they must be met beside those under `may`'),
  second_factor: z
    .literal('totp')
    .optional()
    .describe('Whoever stands for something unsafe proves it with the code of an authenticator app; absent: a click is enough'),
  channels: z.array(channel).optional().describe('Channels in which runs may be started; absent means every channel that the bot is in'),
  announce: z.array(channel).optional().describe('Channels that hear the announcements, beside the run’s own'),
});

export type ClusterSource = z.infer<typeof clusterSourceSchema>;
export type HostSource = z.infer<typeof hostSourceSchema>;
