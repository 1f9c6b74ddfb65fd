import type { LayerRow } from "../registry/layer.ts";

export const layerRows: readonly LayerRow[] = [];
