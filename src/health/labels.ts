/** The names that stand in labels: out of procedure and cluster files alone, and finitely many. */
import { createBound, OTHER } from './bound.ts';

/** Two products may each have a procedure of the same name. */
export type Named = { readonly product: string; readonly procedure: string };
export type NamedStep = Named & { readonly step: string };

const MOST_PROCEDURES = 200;
const MOST_CLUSTERS = 200;
const MOST_STEPS = 1_000;

export function createLabels() {
  const [procedures, clusters, steps] = [createBound(MOST_PROCEDURES), createBound(MOST_CLUSTERS), createBound(MOST_STEPS)];

  function ofProcedure({ product, procedure }: Named): Named {
    return procedures(`${product}/${procedure}`) === OTHER ? { product: OTHER, procedure: OTHER } : { product, procedure };
  }

  return {
    ofProcedure,
    ofCluster: (run: Named & { readonly cluster: string }) => ({ ...ofProcedure(run), cluster: clusters(run.cluster) }),
    ofStep({ step, ...run }: NamedStep): NamedStep {
      const isKnown = steps(`${run.product}/${run.procedure}/${step}`) !== OTHER;
      return { ...ofProcedure(run), step: isKnown ? step : OTHER };
    },
  };
}
