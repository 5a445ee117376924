/** Dashboard, alerts and the page name the metrics that there are, with the labels that they have. */
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { z } from 'zod';
import { createMetrics } from '../../src/health/metrics.ts';

const datasourceSchema = z.strictObject({ type: z.literal('prometheus'), uid: z.string().regex(/^\$\{datasource\}$/) });
const targetSchema = z.looseObject({
  expr: z.string().min(1),
  refId: z.string(),
  legendFormat: z.string().min(1),
  datasource: datasourceSchema,
});
const panelSchema = z.looseObject({
  id: z.number(),
  type: z.string(),
  title: z.string().min(1),
  datasource: datasourceSchema.optional(),
  fieldConfig: z
    .looseObject({ defaults: z.looseObject({ unit: z.enum(['short', 's', 'ops', 'bytes']), decimals: z.literal(0).optional() }) })
    .optional(),
  gridPos: z.strictObject({ x: z.number().min(0), y: z.number(), w: z.number(), h: z.number() }),
  targets: z.array(targetSchema).optional(),
});
const dashboard = z
  .looseObject({
    title: z.string(),
    uid: z.string(),
    schemaVersion: z.number(),
    panels: z.array(panelSchema).min(10),
    templating: z.looseObject({ list: z.array(z.looseObject({ name: z.string(), query: z.unknown() })) }),
  })
  .parse(JSON.parse(readFileSync('infra/grafana/keyturn.json', 'utf8')));
const alerts = z
  .strictObject({
    groups: z.array(
      z.strictObject({
        name: z.string(),
        rules: z.array(
          z.strictObject({
            alert: z.string().regex(/^Keyturn\w+$/),
            expr: z.string(),
            for: z
              .string()
              .regex(/^\d+[smh]$/)
              .optional(),
            labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
            annotations: z.strictObject({ summary: z.string(), description: z.string() }),
          }),
        ),
      }),
    ),
  })
  .parse(load(readFileSync('infra/grafana/alerts.yaml', 'utf8')));
const cases = readFileSync('infra/grafana/alerts.test.yaml', 'utf8');
const page = readFileSync('docs/operations.md', 'utf8');
const exprs = [
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...alerts.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
];

const metrics = createMetrics();
let defaults: readonly string[];
beforeAll(async () => {
  defaults = [...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
});
afterAll(() => metrics.stop());

/** As they stand in a query: a histogram goes by three names. */
const bare = (name: string): string => name.replace(/_(bucket|sum|count)$/, '');

test('every metric that is asked for is there', () => {
  const asked = exprs.flatMap((expr) => expr.match(/\b(?:keyturn|nodejs|process)_\w+/g) ?? []);
  expect(asked.length).toBeGreaterThan(30);
  expect([...new Set(asked.map(bare))].filter((name) => !defaults.includes(name))).toEqual([]);
});

test('every metric of ours is on the dashboard', () => {
  const shown = exprs.join('\n');
  expect(metrics.names().filter((name) => !new RegExp(`\\b${name}(_bucket|_count)?\\b`).test(shown))).toEqual([]);
});

test('every label that is asked for is one that the metric has', () => {
  const known: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
    [...page.matchAll(/^\| `(keyturn_\w+)` \| ([^|]*)\|/gm)].map(([, name = '', labels = '']) => [
      name,
      [...labels.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? ''),
    ]),
  );
  for (const expr of exprs) {
    const own = (expr.match(/\bkeyturn_\w+/g) ?? []).flatMap((name) => known[bare(name)] ?? []);
    const asked = [
      ...[...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(',').map((label) => label.trim())),
      ...[...expr.matchAll(/(\w+)(?:=~|!=|=)"/g)].map(([, label = '']) => label),
    ].filter((label) => !['instance', 'job', 'le'].includes(label));
    expect({ expr, unknown: asked.filter((label) => !own.includes(label)) }).toEqual({ expr, unknown: [] });
  }
});

test('a legend names labels that its query leaves', () => {
  for (const { expr, legendFormat } of dashboard.panels.flatMap(({ targets = [] }) => targets)) {
    const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
    const outermost = /^\w+ by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ');
    const isOne = /^(max|sum)\(/.test(expr);
    const left = outermost ?? (isOne ? [] : ['instance', 'link', 'check', 'loop']);
    expect({ expr, unknown: shown.filter((label) => !left.includes(label)) }).toEqual({ expr, unknown: [] });
    // What is not shown cannot be told apart.
    expect({ expr, mute: (outermost ?? []).filter((label) => !shown.includes(label)) }).toEqual({ expr, mute: [] });
  }
});

test('a number that rises by ones is shown without a fraction', () => {
  for (const { title, fieldConfig, targets = [] } of dashboard.panels) {
    if (targets.some(({ expr }) => /\bincrease\(keyturn_\w+_total/.test(expr))) {
      expect({ title, decimals: fieldConfig?.defaults.decimals }).toEqual({ title, decimals: 0 });
    }
  }
});

test('every alert is one that its page explains and its cases let fire', () => {
  const names = alerts.groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  const explained = [...page.matchAll(/^\| `(Keyturn\w+)` \|/gm)].map(([, name]) => name);
  expect(explained).toEqual(names);
  const fired = new Set([...cases.matchAll(/alertname="(\w+)", alertstate="firing"/g)].map(([, name]) => name));
  expect([...fired].sort()).toEqual([...names].sort());
});

test('an alert adds up within one installation alone', () => {
  for (const { expr } of alerts.groups.flatMap(({ rules }) => rules)) expect(expr).not.toMatch(/\b(max|sum)\b(?! by \(job\))/);
});

test('every query has as many brackets open as closed', () => {
  for (const expr of exprs) {
    for (const [open, close] of ['()', '{}', '[]'].map((pair) => [...pair] as [string, string])) {
      expect({ expr, open: expr.split(open).length }).toEqual({ expr, open: expr.split(close).length });
    }
  }
});

test('panels have ids of their own and do not lie on each other', () => {
  const { panels } = dashboard;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { gridPos: a, id, title } of panels) {
    expect(a.x + a.w).toBeLessThanOrEqual(24);
    const over = panels.filter(
      ({ gridPos: b, id: other }) => other > id && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h,
    );
    expect({ title, over: over.map((each) => each.title) }).toEqual({ title, over: [] });
  }
});

test('the page has every metric with its labels, and no other', async () => {
  const rows = [...page.matchAll(/^\| `(keyturn_\w+)` \|/gm)].map(([, name]) => name);
  expect([...rows].sort()).toEqual([...metrics.names()].sort());
});
