/** Which texts are values of which type. Every value reaches a script as an environment variable, so none may surprise a program there. */
import type { ValueType } from './model.ts';
import { findNamed, type NamedHost } from './names.ts';
import { fits } from './pattern.ts';
import { didYouMean, listed } from './suggest.ts';

export type Checked = { readonly kind: 'ok'; readonly value: string } | { readonly kind: 'bad'; readonly must: string };

/** Controls, invisible (letters that are blank included), private and direction-changing characters, line breaks, halves of surrogate pairs. */
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|\p{Default_Ignorable_Code_Point}/u;

/** The value as scripts will get it (a host by its inventory name), or what it must be. */
export function checkValue(type: ValueType, text: string, hosts: readonly NamedHost[]): Checked {
  if (text === '') return bad('must not be empty');
  if (unseen.test(text)) return bad('must be on one line and without invisible or control characters');
  if (text.startsWith('-')) return bad('must not begin with a dash (a program would take it for an option)');
  switch (type.type) {
    case 'text':
      return checkText(type, text);
    case 'enum':
      return type.values.includes(text) ? ok(text) : bad(`must be one of ${listed(type.values)}${didYouMean(text, type.values)}`);
    case 'host':
      return checkHost(type.role, text, hosts);
    case 'version':
      return holds(/^(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/.test(text), text, 'must be a version such as 2024.1.3 or VR7');
    case 'path':
      return checkPath(text);
    case 'integer':
      return checkInteger(type, text);
  }
}

function checkText(type: Extract<ValueType, { type: 'text' }>, text: string): Checked {
  if (text.length > type.maxLength) return bad(`must have at most ${type.maxLength} characters, but has ${text.length}`);
  if (type.pattern === undefined) return ok(text);
  return holds(fits(type.pattern, text), text, `must match the pattern ${type.pattern}`);
}

function checkHost(role: string | undefined, text: string, hosts: readonly NamedHost[]): Checked {
  const fitting = hosts.filter((host) => role === undefined || host.roles.includes(role));
  const host = findNamed(hosts, text);
  const names = fitting.map(({ name }) => name);
  const which = role === undefined ? 'a host of the cluster' : `a host in the role ${role}`;
  if (host === undefined) return bad(`must be ${which} (${listed(names)})${didYouMean(text, names)}`);
  return holds(fitting.includes(host), host.name, `must be ${which} (${listed(names)})`);
}

function checkPath(text: string): Checked {
  if (text.length > 1024) return bad('must have at most 1024 characters');
  if (!text.startsWith('/')) return bad('must be an absolute path, beginning with /');
  return holds(!text.split('/').includes('..'), text, 'must not contain ..');
}

function checkInteger(type: Extract<ValueType, { type: 'integer' }>, text: string): Checked {
  if (!/^(0|[1-9][0-9]{0,14})$/.test(text)) return bad('must be a whole number in digits');
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = type;
  if (Number(text) < min) return bad(`must be at least ${min}`);
  return holds(Number(text) <= max, text, `must be at most ${max}`);
}

function holds(is: boolean, value: string, must: string): Checked {
  return is ? ok(value) : bad(must);
}

function ok(value: string): Checked {
  return { kind: 'ok', value };
}

function bad(must: string): Checked {
  return { kind: 'bad', must };
}
