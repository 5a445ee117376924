/** The hosts of a rehearsal, behind the very interfaces through which the worker reaches real ones. */
import type { OutputDigest } from '../record/output.ts';
import { maskText } from '../record/mask.ts';
import { EDIT_SCRIPT, PLACE_SCRIPT } from '../run/file-scripts.ts';
import type { Attempts, AttemptSpec, Ended, StillRunning, Watch } from '../ssh/attempt.ts';
import type { HostProblem } from '../ssh/outcome.ts';
import * as problems from '../ssh/problems.ts';
import { checkCommand, idText } from '../ssh/shell-text.ts';
import type { Target } from '../ssh/target.ts';
import type { Hands } from '../worker/hands.ts';
import type { Answers, Errand } from './answers.ts';
import type { Clock } from './clock.ts';
import { Broken } from './failure.ts';
import type { Done, FileWorld } from './files.ts';
import type { Turn } from './model.ts';
import { sentText } from './script-text.ts';
import { startTool, type Tool } from './tool.ts';
import { problemOf } from './problem-of.ts';
import { unanswered } from './unanswered.ts';

export type HostWorld = {
  readonly attempts: Attempts;
  readonly probe: Hands['probe'];
  /** Another machine stands behind the name from here on. */
  readonly forget: Hands['forget'];
  readonly outputText: Hands['outputText'];
  /** The script that was carried out on a host last. */
  readonly last: (host: string) => string | undefined;
};

type Parts = {
  readonly clock: Clock;
  readonly answers: Answers;
  readonly files: FileWorld;
  /** The step for which a host is looked at with this script. */
  readonly stepOf: (script: string) => string | undefined;
};

type Carried = { readonly tool: Tool; isCut: boolean };

export function createHosts(parts: Parts): HostWorld {
  const { clock, answers, files } = parts;
  const tools = new Map<string, Carried>();
  const chosen = new Map<string, Turn>();
  const fenced = new Set<string>();
  const last = new Map<string, string>();
  const machines = new Map<string, number>();
  const outputs = new Map<string, string>();

  const anchorOf = (host: string): string => `store-${machines.get(host) ?? 1}-of-${host}`;
  const keep = ({ sha256 }: OutputDigest, text: string): void => void outputs.set(sha256, text);

  function errandOf({ host }: Target, script: string, env: Readonly<Record<string, string>>, step?: string): Errand {
    const work = workIn(script, env);
    return { host, step: step ?? (work.kind === 'script' ? parts.stepOf(work.script) : undefined), work, last: last.get(host) };
  }

  /** What the files' own scripts do needs no answer, nor does the look whether a host is there at all. */
  function turnFor(errand: Errand): Turn {
    const turn = answers.take(errand, ({ breaks }) => errand.work.kind === 'script' || !breaks);
    if (turn !== undefined) return turn;
    if (errand.work.kind === 'script' && errand.work.script !== ':') throw new Broken(unanswered(errand, errand.work));
    return NOTHING;
  }

  function begin(target: Target, spec: AttemptSpec, turn: Turn, errand: Errand): Carried {
    last.set(target.host, errand.work.kind === 'script' ? errand.work.script : errand.work.path);
    const finish = (): Done => (errand.work.kind === 'script' ? NOTHING : files.put(target.host, target.become ?? target.user, spec.env));
    return { tool: startTool({ turn, spec, anchor: anchorOf(target.host), clock, finish, keep }), isCut: turn.breaks };
  }

  async function carryOut(target: Target, spec: AttemptSpec, watch: Watch): Promise<Ended | StillRunning> {
    checkCommand(spec.script, spec.env);
    const key = idText(spec.id);
    const known = tools.get(key);
    if (known !== undefined) return follow(known, watch);
    const errand = errandOf(target, spec.script, spec.env, spec.id.step);
    const turn = chosen.get(key) ?? turnFor(errand);
    const why = whyNotBegun(target, spec, turn);
    if (why !== undefined) {
      chosen.delete(key);
      if (spec.mayHaveBegun) return { kind: 'running', why: 'unreachable', problem: why, bytes: 0 };
      return { kind: 'ended', outcome: { kind: 'refused', why }, output: null };
    }
    // Whoever is overtaken here comes again, and finds the same turn.
    chosen.set(key, turn);
    if (spec.anchor === undefined) await watch.onAnchor?.(anchorOf(target.host));
    const record = begin(target, spec, turn, errand);
    tools.set(key, record);
    return follow(record, watch);
  }

  function whyNotBegun(target: Target, { id, anchor }: AttemptSpec, { refuses }: Turn): HostProblem | undefined {
    if (refuses !== undefined) return problemOf(refuses, target);
    if (fenced.has(idText(id))) return problems.fenced(target);
    return anchor !== undefined && anchor !== anchorOf(target.host) ? problems.storeChanged(target) : undefined;
  }

  /** However long it takes: the clock jumps, so no budget is ever used up. */
  async function follow(record: Carried, watch: Watch): Promise<Ended | StillRunning> {
    const { tool } = record;
    if (watch.signal?.aborted) return { kind: 'running', why: 'aborted', bytes: 0 };
    if (record.isCut) {
      record.isCut = false;
      return { kind: 'running', why: 'cut', bytes: 0 };
    }
    const deafen = tool.listen((chunk, position) => watch.onOutput?.(chunk, position, position + chunk.length));
    let stop = (): void => undefined;
    const aborted = new Promise<StillRunning>((resolve) => {
      stop = () => resolve({ kind: 'running', why: 'aborted', bytes: 0 });
      watch.signal?.addEventListener('abort', stop, { once: true });
    });
    try {
      return await Promise.race([tool.ended, aborted]);
    } finally {
      deafen();
      watch.signal?.removeEventListener('abort', stop);
    }
  }

  const attempts: Attempts = {
    carryOut,
    async cancel(_target, id) {
      const tool = tools.get(idText(id))?.tool;
      if (tool === undefined) {
        fenced.add(idText(id));
        return { kind: 'fenced' };
      }
      if (tool.isOver()) return { kind: 'over' };
      tool.cancel();
      return { kind: 'ended', remaining: [], detached: [] };
    },
    async look(_target, id) {
      const tool = tools.get(idText(id))?.tool;
      if (tool === undefined) return { kind: fenced.has(idText(id)) ? 'fenced' : 'none' };
      return { kind: tool.isOver() ? 'done' : 'running' };
    },
    give: async (_target, id, { number, text }) => onTool(id, (tool) => tool.give(number, text), 'given'),
    hold: async (_target, id) => onTool(id, (tool) => tool.hold(), 'held'),
    release: async (_target, id) => onTool(id, (tool) => tool.release(), 'released'),
    forget: async () => ({ kind: 'forgotten' }),
    close: async () => undefined,
  };

  function onTool<K extends string>(id: AttemptSpec['id'], act: (tool: Tool) => void, done: K): { readonly kind: K | 'over' | 'none' } {
    const tool = tools.get(idText(id))?.tool;
    if (tool === undefined) return { kind: 'none' };
    if (tool.isOver()) return { kind: 'over' };
    act(tool);
    return { kind: done };
  }

  return {
    attempts,
    async probe(target, ask) {
      checkCommand(ask.script, ask.env);
      const turn = turnFor(errandOf(target, ask.script, ask.env));
      if (turn.refuses !== undefined) return { kind: 'refused', why: problemOf(turn.refuses, target) };
      const limitMs = ask.timeoutSeconds * 1000;
      if (turn.takesMs > 0) await new Promise<void>((resolve) => clock.after(Math.min(turn.takesMs, limitMs), resolve));
      if (turn.takesMs > limitMs) return { kind: 'timedOut' };
      if (turn.breaks || turn.lost !== undefined) return { kind: 'lost', why: turn.lost ?? 'the connection was lost while it ran' };
      const [stdout, stderr] = [turn.prints, turn.errors].map((text) => maskText(text, ask.secrets ?? []));
      return { kind: 'answered', status: turn.status, stdout: stdout ?? '', stderr: stderr ?? '', truncated: false };
    },
    forget: ({ host }) => void machines.set(host, (machines.get(host) ?? 1) + 1),
    outputText: async ({ sha256 }, maxBytes) => (outputs.get(sha256) ?? '').slice(0, maxBytes),
    last: (host) => last.get(host),
  };
}

/** A file's own scripts are known by what they are given (run/file-scripts.ts). */
function workIn(script: string, env: Readonly<Record<string, string>>): Errand['work'] {
  if (script === PLACE_SCRIPT) return { kind: 'copy', path: env.TARGET ?? '' };
  return script === EDIT_SCRIPT ? { kind: 'edit', path: env.FILE ?? '' } : { kind: 'script', ...sentText(script, env) };
}

const NOTHING: Turn = {
  prints: '',
  errors: '',
  status: 0,
  takesMs: 0,
  forMs: undefined,
  asks: [],
  refuses: undefined,
  lost: undefined,
  breaks: false,
};
