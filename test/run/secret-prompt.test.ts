import { looksSecret } from '../../src/run/secret-prompt.ts';

test.each([
  'Password: ',
  'password for admin@db-1:',
  'Enter passphrase for key /root/.ssh/id_rsa: ',
  'Vault token:',
  'AUTH_TOKEN=',
  'dbPassword? ',
  'API key: ',
  'apiKey> ',
  'PIN:',
  'Client secret',
  'One-time code:',
  'Pass: ',
  'Password\n> ',
  'Password\n(at least 8 characters): ',
  'Enter the token from the portal:\nvalue> ',
  'Copying 10%\rPassword: ',
  '\u001b[1mPass\u001b[0mword: ',
  'pass\u200bword: ',
  'ｐａｓｓｗｏｒｄ: ',
  'Continue (y/n) or enter the password: ',
  '(y/n) Enter your password:',
])('%j asks for a secret', (text) => {
  expect(looksSecret(text)).toBe(true);
});

test.each([
  '',
  '> ',
  'Continue? [y/N] ',
  'Overwrite the existing key (y/n)? ',
  'Keep the old password? [Y/n]: ',
  'ED25519 key fingerprint is SHA256:abc.\nAre you sure you want to continue connecting (yes/no/[fingerprint])? ',
  'Press any key to continue',
  'Licence key accepted.\nInstall to which folder? ',
  'Name of the monkey: ',
  'Spinning up. How many nodes? ',
  'Compass heading: ',
])('%j asks for none', (text) => {
  expect(looksSecret(text)).toBe(false);
});

test('hostile length costs no time', () => {
  const began = performance.now();
  for (const text of [`(y/n${' '.repeat(200_000)}x`, 'pass '.repeat(100_000), '\u001b['.repeat(100_000), '[y/n/'.repeat(50_000)])
    looksSecret(text);
  expect(performance.now() - began).toBeLessThan(500);
});
