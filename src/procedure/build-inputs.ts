/** Declared inputs in the engine's form. */
import type { InputSource } from './inputs-schema.ts';
import type { Input, ValueType } from './model.ts';

const maxLength = 200;

export function buildInputs(inputs: Readonly<Record<string, InputSource>> = {}): Record<string, Input> {
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, buildInput(name, input)]));
}

export function buildInput(name: string, input: InputSource): Input {
  return {
    value: valueType(input),
    title: input.title ?? name,
    ...(input.help === undefined ? {} : { help: input.help }),
    ...(input.default === undefined ? {} : { default: String(input.default) }),
    required: input.required ?? input.default === undefined,
  };
}

function valueType(input: InputSource): ValueType {
  switch (input.type) {
    case 'text':
      return {
        type: 'text',
        ...(input.pattern === undefined ? {} : { pattern: input.pattern }),
        maxLength: input.max_length ?? maxLength,
      };
    case 'enum':
      return { type: 'enum', values: input.values };
    case 'host':
      return { type: 'host', ...(input.role === undefined ? {} : { role: input.role }) };
    case 'version':
    case 'path':
      return { type: input.type };
    case 'integer':
      return {
        type: 'integer',
        ...(input.min === undefined ? {} : { min: input.min }),
        ...(input.max === undefined ? {} : { max: input.max }),
      };
  }
}
