import type { OnnxSpelling } from "./emission.ts";

/** Rows and elements by index. Indices are i32; only ScatterND wants i64. */
export const indexing = {
  gather: (e, _node, [table, indices]) => e.op("Gather", [table, indices], { axis: 0 }),
  scatterAdd: (e, node, [indices, updates]) => {
    const places = e.cast(e.reshape(indices, [...node.inputs[0].type.shape, 1]), "i64");
    return e.op("ScatterND", [e.filled(0, node.type), places, updates], { reduction: "add" });
  },
  pick: (e, node, [x, indices]) => {
    const shape = node.inputs[1].type.shape;
    const picked = e.op("GatherElements", [x, e.reshape(indices, [...shape, 1])], { axis: -1 });
    return e.reshape(picked, shape);
  },
  place: (e, node, [values, indices]) => {
    const column = [...node.inputs[1].type.shape, 1];
    return e.op("ScatterElements", [e.filled(0, node.type), e.reshape(indices, column), e.reshape(values, column)], {
      axis: -1,
    });
  },
} satisfies Record<string, OnnxSpelling>;
